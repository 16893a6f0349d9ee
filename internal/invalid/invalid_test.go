package invalid_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/invalid"
)

func TestErrListsEveryFieldOnce(t *testing.T) {
	t.Parallel()
	wrong := invalid.In(`Vpc "staging"`)
	assert.NoError(t, wrong.Err(), "a collection without mistakes is no error")

	wrong.Check("zones", 2, nil)
	wrong.Check("cidr", "10.0.0.0/8", errors.New("a block from /16 to /24"))
	wrong.Add("egress", "", `"nat" or "public"`)
	wrong.Conflict("readonlyRootFilesystem, enableExecuteCommand", "exclude each other; set one of them to false")

	assert.EqualError(t, wrong.Err(), `Vpc "staging": 3 fields are wrong:
  - cidr: got "10.0.0.0/8", takes a block from /16 to /24
  - egress: got "", takes "nat" or "public"
  - readonlyRootFilesystem, enableExecuteCommand: exclude each other; set one of them to false`)
}
