package limits_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/limits"
)

func TestQueueAttributes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		check       func(int) error
		least, most int
		takes       string
	}{
		"visibility timeout": {limits.VisibilityTimeout, 0, 43200, "seconds from 0 to 43200"},
		"retention":          {limits.MessageRetention, 60, 1209600, "seconds from 60 to 1209600"},
		"delay":              {limits.DeliveryDelay, 0, 900, "seconds from 0 to 900"},
		"long polling":       {limits.ReceiveWait, 0, 20, "seconds from 0 to 20"},
		"size":               {limits.MaxMessageSize, 1024, 1048576, "bytes from 1024 to 1048576"},
		"receives":           {limits.MaxReceiveCount, 1, 1000, "a number of receives from 1 to 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.NoError(t, test.check(test.least))
			assert.NoError(t, test.check(test.most))
			assert.EqualError(t, test.check(test.least-1), test.takes)
			assert.EqualError(t, test.check(test.most+1), test.takes)
		})
	}
}
