package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/deploytime"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		values []time.Duration
		want   time.Duration
	}{
		{[]time.Duration{7}, 7},
		{[]time.Duration{9, 1}, 5},
		{[]time.Duration{9, 1, 2}, 2},
		{[]time.Duration{100, 1, 3, 2}, 2}, // whole nanoseconds
	} {
		given := append([]time.Duration{}, test.values...)
		assert.Equal(t, test.want, median(given), "%v", test.values)
		assert.Equal(t, test.values, given, "the values stay in their order")
	}
}

func TestRowTakesMedianTimesAndPeakMemory(t *testing.T) {
	t.Parallel()
	measurements := []measurement{
		{wall: 4 * time.Second, cpu: 3 * time.Second, memory: 200},
		{wall: 2 * time.Second, cpu: 9 * time.Second, memory: 300},
		{wall: 8 * time.Second, cpu: 5 * time.Second, memory: 100},
	}
	assert.Equal(t, row{
		Stack: "staging", Resources: 50, Command: "up", Runs: 3,
		WallSeconds: 4, CPUSeconds: 5, MemoryBytes: 300, SecondsPerResource: 0.08,
	}, newRow("staging", 50, "up", measurements))
}

func TestReport(t *testing.T) {
	t.Parallel()
	r := report{OS: "linux", Arch: "arm64", CPUs: 2, Rows: []row{
		newRow("staging", 64, "preview", []measurement{{wall: 734 * time.Millisecond, cpu: 671 * time.Millisecond, memory: 273e6}}),
		newRow("services-100", 1830, "up, no changes", []measurement{{wall: 1234560 * time.Millisecond, cpu: 98 * time.Second, memory: 1234e6}}),
	}}
	var table, encoded strings.Builder
	require.NoError(t, r.writeTable(&table))
	assert.Equal(t, `linux/arm64, 2 CPUs; times are medians

STACK         RESOURCES  COMMAND         RUNS       WALL        CPU    MEMORY  WALL/RESOURCE
staging              64  preview            1     0.73 s     0.67 s    273 MB        11.5 ms
services-100       1830  up, no changes     1  1234.56 s    98.00 s   1234 MB       674.6 ms
`, table.String())

	require.NoError(t, r.writeJSON(&encoded))
	var decoded report
	require.NoError(t, json.Unmarshal([]byte(encoded.String()), &decoded))
	assert.Equal(t, r, decoded)
}

func TestDeployments(t *testing.T) {
	t.Parallel()
	state, err := deploytime.ReadState([]byte(`{"version": 3, "deployment": {"resources": [
		{"urn": "urn:pulumi:test::slipway::aws:ec2/vpc:Vpc::net", "type": "aws:ec2/vpc:Vpc", "id": "vpc-0123456789", "custom": true},
		{"urn": "urn:pulumi:test::slipway::aws:iam/role:Role::role", "type": "aws:iam/role:Role", "id": "role-1a2b3c4", "custom": true,
		 "dependencies": ["urn:pulumi:test::slipway::aws:ec2/vpc:Vpc::net"]},
		{"urn": "urn:pulumi:test::slipway::aws:ec2/securityGroup:SecurityGroup::group", "type": "aws:ec2/securityGroup:SecurityGroup", "id": "sg-0123456789", "custom": true,
		 "inputs": {"vpcId": "vpc-0123456789"}},
		{"urn": "urn:pulumi:test::slipway::awsx:ec2:Vpc::remote", "type": "awsx:ec2:Vpc"},
		{"urn": "urn:pulumi:test::slipway::aws:ec2/eip:Eip::address", "type": "aws:ec2/eip:Eip", "id": "eipalloc-0123456789", "custom": true,
		 "parent": "urn:pulumi:test::slipway::awsx:ec2:Vpc::remote"},
		{"urn": "urn:pulumi:test::slipway::aws:s3/bucketV2:BucketV2::bucket", "type": "aws:s3/bucketV2:BucketV2", "id": "bucket-1a2b3c4", "custom": true,
		 "dependencies": ["urn:pulumi:test::slipway::awsx:ec2:Vpc::remote"]}]}}`))
	require.NoError(t, err)
	d := newDeployment("staging", "first deployment", 10, 2500*time.Millisecond, deploytime.FirstDeployment(state))
	r := report{Deployments: []deployment{d}}

	var table, encoded strings.Builder
	require.NoError(t, r.writeTable(&table))
	assert.Equal(t, `STACK    DEPLOYMENT        FASTER  OVERHEAD     TAKEN     BOUND  TAKEN/BOUND  EDGES MISSING  EDGES TOO MANY
staging  first deployment      10     0.2 s    25.0 s    22.5 s        1.111              1               1

staging, first deployment: critical path, 22.5 s by the model
   START     TAKES       END  RESOURCE
   0.0 s    21.5 s    21.5 s  aws:ec2/vpc:Vpc net
  21.5 s     1.0 s    22.5 s  aws:iam/role:Role role
missing: aws:ec2/securityGroup:SecurityGroup group -> aws:ec2/vpc:Vpc net
too many: aws:iam/role:Role role -> aws:ec2/vpc:Vpc net
edges that stay without need: 1, as an output of a remote component is known when all in it exists
`, table.String())
	require.NoError(t, r.writeJSON(&encoded))
	var decoded report
	require.NoError(t, json.Unmarshal([]byte(encoded.String()), &decoded))
	assert.Equal(t, r, decoded)
}
