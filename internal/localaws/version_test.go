package localaws

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVersionsAreThoseOfTheSDKs(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	assert.Contains(t, string(mod), "github.com/pulumi/pulumi-aws/sdk/v6 v"+awsVersion+"\n")
	assert.Contains(t, string(mod), "github.com/pulumi/pulumi-awsx/sdk/v2 v"+awsxVersion+"\n")
	assert.Contains(t, string(mod), "github.com/pulumi/pulumi-docker/sdk/v4 v"+dockerVersion+"\n")
}
