package components_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

func TestWebServiceNamesEveryWrongArgument(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		change  func(*components.WebServiceArgs)
		message string
	}{
		{"vpcId", func(a *components.WebServiceArgs) { a.VpcId = nil }, `vpcId: got nothing, takes the id of a VPC`},
		{"publicSubnetIds", func(a *components.WebServiceArgs) { a.PublicSubnetIds = nil }, `publicSubnetIds: got nothing, takes subnets for the load balancer in two zones`},
		{"subnetIds", func(a *components.WebServiceArgs) { a.SubnetIds = nil }, `subnetIds: got nothing, takes subnets for the tasks`},
		{"image", func(a *components.WebServiceArgs) { a.Image = nil }, `image: got nothing, takes an image by digest`},
		{"connections", func(a *components.WebServiceArgs) { a.Connections = []components.Connection{nil} }, `connections: got nothing`},
		{"cpu", func(a *components.WebServiceArgs) { a.Cpu = 300 }, `cpu: got 300, takes CPU units of Fargate: 256, 512`},
		{"memory", func(a *components.WebServiceArgs) { a.Memory = 4096 }, `memory: got 4096, takes MiB that Fargate pairs with 256 CPU units: 512 1024 2048`},
		{"architecture", func(a *components.WebServiceArgs) { a.Architecture = "arm" }, `architecture: got "arm", takes "ARM64"`},
		{"spotWeight", func(a *components.WebServiceArgs) { a.SpotWeight = 101 }, `spotWeight: got 101, takes percent from 0 to 100`},
		{"port", func(a *components.WebServiceArgs) { a.Port = 70000 }, `port: got 70000, takes a port from 1 to 65535`},
		{"domainName", func(a *components.WebServiceArgs) { a.DomainName = "https://app" }, `domainName: got "https://app", takes a domain name`},
		{"no domain in production", func(a *components.WebServiceArgs) { a.DomainName = "" }, `domainName: got nothing, takes a domain name, as passwords`},
		{"hostedZone", func(a *components.WebServiceArgs) { a.HostedZone = "example.org" }, `hostedZone: got "example.org", takes a zone that app.example.com is in, such as example.com`},
		{"hostedZone alone", func(a *components.WebServiceArgs) { a.DomainName, a.HostedZone, a.Ephemeral = "", "example.com", true }, `hostedZone: is of no use without domainName`},
		{"latencyLimitSeconds", func(a *components.WebServiceArgs) { a.LatencyLimitSeconds = new(-1.0) }, `latencyLimitSeconds: got -1, takes seconds to 4000, or 0 for none`},
		{"idleTimeout", func(a *components.WebServiceArgs) { a.IdleTimeout = 5000 }, `idleTimeout: got 5000, takes seconds from 1 to 4000`},
		{"healthCheckPath", func(a *components.WebServiceArgs) { a.HealthCheckPath = "status" }, `healthCheckPath: got "status", takes a path`},
		{"healthCheckMatcher", func(a *components.WebServiceArgs) { a.HealthCheckMatcher = "200-599" }, `healthCheckMatcher: got "200-599", takes HTTP codes from 200 to 499`},
		{"healthCheckInterval", func(a *components.WebServiceArgs) { a.HealthCheckInterval = 4 }, `healthCheckInterval: got 4, takes seconds from 5 to 300`},
		{"healthCheckTimeout", func(a *components.WebServiceArgs) { a.HealthCheckTimeout = 5 }, `healthCheckTimeout: got 5, takes seconds from 2 to 120 and less than the interval, 5`},
		{"healthyThreshold", func(a *components.WebServiceArgs) { a.HealthyThreshold = 1 }, `healthyThreshold: got 1, takes a number from 2 to 10`},
		{"unhealthyThreshold", func(a *components.WebServiceArgs) { a.UnhealthyThreshold = 11 }, `unhealthyThreshold: got 11, takes a number from 2 to 10`},
		{"healthCheckGracePeriod", func(a *components.WebServiceArgs) { a.HealthCheckGracePeriod = new(-1) }, `healthCheckGracePeriod: got -1, takes seconds from 0`},
		{"deregistrationDelay", func(a *components.WebServiceArgs) { a.DeregistrationDelay = new(3601) }, `deregistrationDelay: got 3601, takes seconds from 0 to 3600`},
		{"stopTimeout", func(a *components.WebServiceArgs) { a.StopTimeout = 121 }, `stopTimeout: got 121, takes seconds from 1 to 120`},
		{"deploymentTimeout", func(a *components.WebServiceArgs) { a.DeploymentTimeout = 1 }, `deploymentTimeout: got 1, takes minutes from 5 to 180`},
		{"minCount", func(a *components.WebServiceArgs) { a.MinCount = new(-1) }, `minCount: got -1, takes a number of tasks`},
		{"maxCount", func(a *components.WebServiceArgs) { a.MaxCount = 5001 }, `maxCount: got 5001, takes a number of tasks`},
		{"min over max", func(a *components.WebServiceArgs) { a.MinCount, a.MaxCount = new(5), 3 }, `minCount, maxCount: the least, 5, is more than the largest, 3`},
		{"desiredCount", func(a *components.WebServiceArgs) { a.DesiredCount = new(1) }, `desiredCount: got 1, takes a number of tasks from minCount, 2, to maxCount, 10`},
		{"cpuTarget", func(a *components.WebServiceArgs) { a.CpuTarget = new(101) }, `cpuTarget: got 101, takes percent from 1 to 100`},
		{"memoryTarget", func(a *components.WebServiceArgs) { a.MemoryTarget = -5 }, `memoryTarget: got -5, takes percent from 1 to 100`},
		{"requestsTarget", func(a *components.WebServiceArgs) { a.RequestsTarget = -1 }, `requestsTarget: got -1, takes requests a minute`},
		{"logRetentionDays", func(a *components.WebServiceArgs) { a.LogRetentionDays = 10 }, `logRetentionDays: got 10, takes days from the list`},
		{"enableExecuteCommand", func(a *components.WebServiceArgs) { a.EnableExecuteCommand = true }, `readonlyRootFilesystem, enableExecuteCommand: exclude each other`},
		{"clusterArn", func(a *components.WebServiceArgs) {
			a.ClusterArn, a.ContainerInsights = pulumi.String("arn:aws:ecs:eu-central-1:123456789012:cluster/main"), new(true)
		}, `clusterArn, containerInsights: exclude each other`},
		{"environment name", func(a *components.WebServiceArgs) {
			a.Environment = map[string]pulumi.StringInput{"my-name": pulumi.String("x")}
		}, `environment: got "my-name", takes names of letters`},
		{"environment value", func(a *components.WebServiceArgs) {
			a.Environment = map[string]pulumi.StringInput{"NAME": nil}
		}, `environment.NAME: got nothing, takes a value`},
		{"secret name", func(a *components.WebServiceArgs) {
			a.Secrets = map[string]components.SecretReference{"1": {Arn: pulumi.String(keyArn)}}
		}, `secrets: got "1", takes names of letters`},
		{"secret without ARN", func(a *components.WebServiceArgs) {
			a.Secrets = map[string]components.SecretReference{"KEY": {}}
		}, `secrets.KEY.arn: got nothing, takes the ARN`},
		{"twice", func(a *components.WebServiceArgs) {
			a.Environment = map[string]pulumi.StringInput{"KEY": pulumi.String("x")}
			a.Secrets = map[string]components.SecretReference{"KEY": {Arn: pulumi.String(keyArn)}}
		}, `environment.KEY, secrets.KEY: the same variable twice`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := webRecorder()
			err := r.deployWeb(test.change)
			require.ErrorContains(t, err, `WebService "web": 1 field is wrong:`)
			assert.ErrorContains(t, err, "\n  - "+test.message)
			assert.Empty(t, r.all(loadBalancer), "nothing is registered")
		})
	}
}

func TestWebServiceReportsAllAtOnce(t *testing.T) {
	t.Parallel()
	r := webRecorder()
	err := r.run(func(ctx *pulumi.Context) error {
		_, err := components.NewWebService(ctx, strings.Repeat("long", 6), nil)
		return err
	})
	require.ErrorContains(t, err, "6 fields are wrong")
	for _, field := range []string{"name", "vpcId", "publicSubnetIds", "subnetIds", "image", "domainName"} {
		assert.ErrorContains(t, err, "\n  - "+field+": ")
	}
	assert.ErrorContains(t, err, "at most 20 characters")
}
