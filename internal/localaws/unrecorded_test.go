package localaws

import (
	"context"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWhatNoStateKnowsIsRemoved makes a network of which the state knows the VPC alone.
func TestWhatNoStateKnowsIsRemoved(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc := e.create("aws:ec2/vpc:Vpc", "net", map[string]any{"cidrBlock": "10.0.0.0/16"})
	group := e.create("aws:ec2/securityGroup:SecurityGroup", "a", map[string]any{"vpcId": vpc["id"], "description": "first by name, and in use"})
	rule := e.create("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "b", map[string]any{
		"securityGroupId": group["id"], "ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "referencedSecurityGroupId": group["id"], "description": "x"})
	recorded := map[Identity]bool{{"aws:ec2/vpc:Vpc", vpc["id"].(string)}: true}

	other, err := e.account.RemoveUnrecorded("another", nil)
	require.NoError(t, err)
	assert.Empty(t, other, "of another stack")

	var ids []any
	found, err := e.account.Unrecorded("test", recorded)
	require.NoError(t, err)
	for _, o := range found {
		ids = append(ids, o.ID)
	}
	assert.ElementsMatch(t, []any{group["id"], rule["id"]}, ids)

	removed, err := e.account.RemoveUnrecorded("test", recorded)
	require.NoError(t, err)
	assert.Len(t, removed, 2)
	left, err := e.account.List()
	require.NoError(t, err)
	require.Len(t, left, 1)
	assert.Equal(t, vpc["id"], left[0].ID)
}

// TestNothingOfItIsKept: nobody has used it, so there is nothing to restore.
func TestNothingOfItIsKept(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	secret := e.create("aws:secretsmanager/secret:Secret", "key", map[string]any{"recoveryWindowInDays": 30})
	removed, err := e.account.RemoveUnrecorded("test", nil)
	require.NoError(t, err)
	require.Len(t, removed, 1)
	assert.Equal(t, secret["id"], removed[0].ID)
	assert.Zero(t, e.exist())
}

// TestWhatIsInUseIsNotRemoved: the state knows the user, not what is used.
func TestWhatIsInUseIsNotRemoved(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	vpc := e.create("aws:ec2/vpc:Vpc", "net", map[string]any{"cidrBlock": "10.0.0.0/16"})
	group := e.create("aws:ec2/securityGroup:SecurityGroup", "a", map[string]any{"vpcId": vpc["id"], "description": "x"})
	removed, err := e.account.RemoveUnrecorded("test", map[Identity]bool{{"aws:ec2/securityGroup:SecurityGroup", group["id"].(string)}: true})
	require.ErrorContains(t, err, "DependencyViolation")
	assert.Empty(t, removed)
}

// TestWhatAWSMakesBesideAResourceGoesWithIt: no state has the secret that RDS makes for a cluster.
func TestWhatAWSMakesBesideAResourceGoesWithIt(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	cluster := e.create(rdsClusterType, "db", map[string]any{"engine": "aurora-postgresql", "masterUsername": "root", "manageMasterUserPassword": true, "skipFinalSnapshot": true})
	secret := cluster["masterUserSecrets"].([]any)[0].(map[string]any)["secretArn"]
	removed, err := e.account.RemoveUnrecorded("test", map[Identity]bool{{rdsClusterType, cluster["id"].(string)}: true})
	require.NoError(t, err)
	assert.Empty(t, removed)
	found, err := e.account.Find(secret.(string))
	require.NoError(t, err)
	assert.Len(t, found, 1)

	removed, err = e.account.RemoveUnrecorded("test", nil)
	require.NoError(t, err)
	assert.Len(t, removed, 1)
	left, err := e.account.List()
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestNoAnswer: AWS does what it was asked for, and whoever asked never hears of it.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	const typ = "aws:ec2/vpc:Vpc"
	inputs, _ := e.check(typ, "net", map[string]any{"cidrBlock": "10.0.0.0/16"})
	e.fail("CreateVpc:NoAnswer,DeleteVpc:NoAnswer")
	ctx, gone := context.WithCancel(t.Context())
	answered := make(chan error)
	go func() {
		_, err := e.Create(ctx, plugin.CreateRequest{URN: urnOf(typ, "net"), Properties: inputs})
		answered <- err
	}()
	exists := func(count int) func() bool {
		return func() bool {
			objects, err := e.account.List()
			return err == nil && len(objects) == count
		}
	}
	require.Eventually(t, exists(1), time.Minute, time.Millisecond)
	select {
	case <-answered:
		t.Fatal("it was answered")
	default:
	}
	gone()
	require.ErrorIs(t, <-answered, context.Canceled)

	ctx, gone = context.WithCancel(t.Context())
	objects, err := e.account.List()
	require.NoError(t, err)
	go func() {
		_, err := e.Delete(ctx, plugin.DeleteRequest{URN: urnOf(typ, "net"), ID: resource.ID(objects[0].ID)})
		answered <- err
	}()
	require.Eventually(t, exists(0), time.Minute, time.Millisecond)
	gone()
	require.ErrorIs(t, <-answered, context.Canceled)
}
