package localaws

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"
)

// TestPreviewShowsChangesInsideOfProperties diffs as the engine does: its display shows the details of the properties that are
// named, and of no others.
func TestPreviewShowsChangesInsideOfProperties(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	server := wholeProperties{plugin.NewProviderServer(e.provider)}
	wire := func(m map[string]any) *structpb.Struct {
		s, err := plugin.MarshalProperties(props(m), plugin.MarshalOptions{KeepSecrets: true})
		require.NoError(t, err)
		return s
	}
	diff := func(typ string, before, after map[string]any) *pulumirpc.DiffResponse {
		resp, err := server.Diff(t.Context(), &pulumirpc.DiffRequest{Urn: string(urnOf(typ, "x")), Id: "x", Olds: wire(before), OldInputs: wire(before), News: wire(after)})
		require.NoError(t, err)
		return resp
	}
	group := with(aGroup, map[string]any{"name": "x", "healthCheck": map[string]any{"path": "/", "interval": 5}, "tags": map[string]any{"a": "b"}})
	inside := diff(targetGroupType, group, with(group, map[string]any{"healthCheck": map[string]any{"path": "/status/", "interval": 10}, "tags": map[string]any{"a": "c"}}))
	assert.Equal(t, []string{"healthCheck", "tags"}, inside.GetDiffs())
	assert.Empty(t, inside.GetReplaces())
	assert.Contains(t, inside.GetDetailedDiff(), "healthCheck.path", "the details stay")

	task := with(web(nil), map[string]any{"volumes": []any{map[string]any{"name": "tmp"}}, "tags": map[string]any{"secret": resource.MakeSecret(resource.NewProperty("x"))}})
	replaced := diff(taskType, task, with(task, map[string]any{"volumes": []any{map[string]any{"name": "scratch"}}}))
	assert.Equal(t, []string{"volumes"}, replaced.GetReplaces())
}
