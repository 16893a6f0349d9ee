package localaws

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTypicalDuration(t *testing.T) {
	t.Parallel()
	const (
		endpoint     = "aws:ec2/vpcEndpoint:VpcEndpoint"
		distribution = "aws:cloudfront/distribution:Distribution"
		service      = "aws:ecs/service:Service"
	)
	for _, test := range []struct {
		operation Operation
		typ       string
		inputs    map[string]any
		want      time.Duration
	}{
		{Create, "aws:rds/clusterInstance:ClusterInstance", nil, 381 * time.Second},
		{Delete, "aws:rds/clusterInstance:ClusterInstance", nil, 707 * time.Second},
		{Update, "aws:rds/clusterInstance:ClusterInstance", nil, time.Second},
		{Create, "aws:ec2/subnet:Subnet", nil, time.Second},
		{Create, endpoint, map[string]any{"vpcEndpointType": "Interface"}, 150 * time.Second},
		{Create, endpoint, map[string]any{"vpcEndpointType": "Gateway"}, 6500 * time.Millisecond},
		{Create, endpoint, nil, 6500 * time.Millisecond},
		{Create, distribution, nil, 467 * time.Second},
		{Create, distribution, map[string]any{"waitForDeployment": false}, time.Second},
		{Delete, distribution, map[string]any{"waitForDeployment": false}, 467 * time.Second},
		{Create, service, map[string]any{"waitForSteadyState": true, "desiredCount": 1}, 75 * time.Second},
		{Create, service, map[string]any{"waitForSteadyState": true, "desiredCount": 0}, time.Second},
		{Create, service, map[string]any{"desiredCount": 1}, time.Second},
	} {
		assert.Equal(t, test.want, TypicalDuration(test.operation, test.typ, props(test.inputs)), "%s %s %v", test.operation, test.typ, test.inputs)
	}
}

// TestLatenciesAreOfKnownTypes keeps misspelt types, which would be quick without a word, out of the table.
func TestLatenciesAreOfKnownTypes(t *testing.T) {
	t.Parallel()
	for typ := range latencies {
		assert.Contains(t, catalogue, typ)
	}
}

func TestParsePace(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]float64{"": 0, "1": 1, "100": 100, "0.5": 0.5} {
		p, err := parsePace(spec)
		require.NoError(t, err)
		assert.InDelta(t, want, p.faster, 0)
	}
	for _, spec := range []string{"0", "-1", "fast", "Inf", "NaN", "100x", "1e-300", "1e300"} {
		_, err := parsePace(spec)
		require.ErrorContains(t, err, "got \""+spec+"\", takes how many times faster than AWS: a number from 0.001 to 1000000, such as 100")
	}
	_, err := Serve(t.Context(), Options{Dir: t.TempDir(), Latency: "soon"})
	require.ErrorContains(t, err, LatencyVariable)
}

// TestWaits runs on the testing package's own clock, which moves when all goroutines wait: nothing really waits, and the times are exact.
func TestWaits(t *testing.T) {
	t.Parallel()
	const instance = "aws:rds/clusterInstance:ClusterInstance"
	for _, test := range []struct {
		name, spec string
		interrupt  func(cancel context.CancelFunc, p *pace)
		want       time.Duration
	}{
		{"not asked for", "", nil, 0},
		{"as slow as AWS", "1", nil, 381 * time.Second},
		{"a hundred times faster", "100", nil, 3810 * time.Millisecond},
		{"the call is given up", "1", func(cancel context.CancelFunc, _ *pace) { cancel() }, 10 * time.Second},
		{"the engine cancels", "1", func(_ context.CancelFunc, p *pace) { p.stop() }, 10 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := paced(t, test.spec)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.interrupt != nil {
					time.AfterFunc(10*time.Second, func() { test.interrupt(cancel, p) })
				}
				begun := time.Now()
				p.wait(ctx, Create, instance, nil)
				assert.Equal(t, test.want, time.Since(begun))
			})
		})
	}
}

// TestEachOperationWaits makes, changes and deletes through the provider, on the clock of the testing package.
func TestEachOperationWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newEmbedded(t)
		e.pace = paced(t, "10")
		begun := time.Now()
		took := func() time.Duration {
			defer func() { begun = time.Now() }()
			return time.Since(begun)
		}
		network := map[string]any{"cidrBlock": "10.0.0.0/16"}
		checked, failures := e.check(vpcType, "net", network)
		require.Empty(t, failures)
		_, err := e.Create(t.Context(), plugin.CreateRequest{URN: urnOf(vpcType, "net"), Properties: checked, Preview: true})
		require.NoError(t, err)
		assert.Zero(t, took(), "a preview makes nothing")

		vpc := e.deploy(vpcType, "net", network)
		assert.Equal(t, 2150*time.Millisecond, took())
		require.NoError(t, vpc.update(map[string]any{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true}))
		assert.Equal(t, 100*time.Millisecond, took())
		require.NoError(t, vpc.delete())
		assert.Equal(t, 100*time.Millisecond, took())
		require.NoError(t, vpc.delete())
		assert.Zero(t, took(), "it was gone already")
		_, err = e.tryCreate(subnetType, "lost", map[string]any{"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"})
		refused(t, err, "InvalidVpcID.NotFound")
		assert.Zero(t, took(), "what AWS refuses it refuses at once")
	})
}

// TestWhatWasBegunIsThere cancels before the first creation: that is done and known all the same, and nothing waits the hours of this pace.
func TestWhatWasBegunIsThere(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	e.pace = paced(t, "0.001")
	require.NoError(t, e.SignalCancellation(t.Context()))
	e.create(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16"})
	assert.Equal(t, []string{"net"}, e.names())
}

func TestIsAwaited(t *testing.T) {
	t.Parallel()
	assert.True(t, IsAwaited(Create, "aws:ec2/natGateway:NatGateway"))
	assert.True(t, IsAwaited(Update, "aws:ecs/service:Service"))
	assert.False(t, IsAwaited(Update, "aws:ec2/natGateway:NatGateway"), "nobody has published that an update takes long")
	assert.False(t, IsAwaited(Delete, "aws:rds/clusterInstance:ClusterInstance"), "what is deleted cannot be unfinished in the state")
	assert.False(t, IsAwaited(Create, "aws:sqs/queue:Queue"))
	assert.False(t, IsAwaited(Create, "docker:index/image:Image"), "Docker's own work")
}
