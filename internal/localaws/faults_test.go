package localaws

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exist counts what is in the account.
func (e *embedded) exist() int {
	e.t.Helper()
	objects, err := e.account.List()
	require.NoError(e.t, err)
	return len(objects)
}

func TestFaultsAreParsed(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"", " , ", "CreateVpc:Throttling", "CreateVpc:Throttling, aws:ecs/service:Service delete 12 TimedOut", "aws:ecs/service:Service::web update 1 NotReady"} {
		_, err := parseFaults(spec)
		assert.NoError(t, err, spec)
	}
	for _, spec := range []string{
		"CreateVpc", "CreateVpc:", "ModifyVpc:X", "aws:ecs/service:Service create 1", "aws:ecs/service:Service create 0 X", "aws:ecs/service:Service create one X",
		"aws:ecs/service:Service read 1 X", "aws:ecs/service:Service:: create 1 X", "aws:ecs/none:None create 1 X", "aws:ecs/service:Service create 1 X Y",
	} {
		_, err := Serve(t.Context(), Options{Dir: t.TempDir(), Faults: "CreateVpc:X," + spec})
		require.Error(t, err, spec)
		assert.Contains(t, err.Error(), `SLIPWAY_FAULTS: got "`+spec+`", takes `)
	}
}

// TestTheNthCallFails: of this type, this operation and this name only, and once.
func TestTheNthCallFails(t *testing.T) {
	t.Parallel()
	vpc := map[string]any{"cidrBlock": "10.0.0.0/16"}
	e := newEmbedded(t)
	e.fail(vpcType + " create 2 ThrottlingException," + vpcType + "::c create 1 AccessDenied," + vpcType + " delete 1 InternalFailure")
	id := e.create(vpcType, "a", vpc)["id"].(string)
	_, err := e.tryCreate(vpcType, "b", vpc)
	refused(t, err, "ThrottlingException")
	assert.ErrorContains(t, err, "creating EC2 Vpc: operation error EC2: CreateVpc, ")
	e.create(vpcType, "b", vpc)
	_, err = e.tryCreate(vpcType, "c", vpc)
	refused(t, err, "AccessDenied")
	e.create(vpcType, "c", vpc)
	refused(t, e.remove(vpcType, "a", id), "InternalFailure")
	assert.Equal(t, 3, e.exist(), "what is refused changes nothing")
	require.NoError(t, e.remove(vpcType, "a", id))
}

// TestTimedOut: AWS does what it was asked for, and the engine gets an error.
func TestTimedOut(t *testing.T) {
	t.Parallel()
	vpc := map[string]any{"cidrBlock": "10.0.0.0/16"}
	e := newEmbedded(t)
	e.fail(vpcType + " create 1 TimedOut," + vpcType + " delete 1 TimedOut," + vpcType + " update 1 TimedOut")
	resp, err := e.tryCreate(vpcType, "a", vpc)
	require.ErrorContains(t, err, "creating EC2 Vpc: operation error EC2: CreateVpc, https response error StatusCode: 0")
	assert.Equal(t, 1, e.exist())
	_, err = e.Update(context.Background(), plugin.UpdateRequest{URN: urnOf(vpcType, "a"), ID: resp.ID, OldOutputs: resp.Properties, NewInputs: props(with(vpc, map[string]any{"enableDnsHostnames": true}))})
	require.ErrorContains(t, err, "updating EC2 Vpc")
	objects, err := e.account.List()
	require.NoError(t, err)
	assert.Equal(t, true, objects[0].Properties["enableDnsHostnames"])
	require.ErrorContains(t, e.remove(vpcType, "a", string(resp.ID)), "deleting EC2 Vpc")
	assert.Zero(t, e.exist())
	require.NoError(t, e.remove(vpcType, "a", string(resp.ID)), "what is gone is deleted")
}

// TestNotReady: the engine is told of an unfinished resource, so that its state has it.
func TestNotReady(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	e.fail(vpcType + " create 1 NotReady")
	resp, err := e.tryCreate(vpcType, "a", map[string]any{"cidrBlock": "10.0.0.0/16"})
	require.Error(t, err)
	rpcErr, ok := rpcerror.FromError(err)
	require.True(t, ok)
	require.Len(t, rpcErr.Details(), 1)
	detail, ok := rpcErr.Details()[0].(*pulumirpc.ErrorResourceInitFailed)
	require.True(t, ok)
	assert.Equal(t, string(resp.ID), detail.Id)
	assert.Contains(t, detail.Reasons[0], "waiting for EC2 Vpc ("+string(resp.ID)+") to create: timeout")
	assert.Equal(t, "10.0.0.0/16", detail.Properties.AsMap()["cidrBlock"])
	assert.Equal(t, 1, e.exist())
}
