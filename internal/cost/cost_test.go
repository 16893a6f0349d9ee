package cost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/internal/state"
)

// made is a resource of an invented state.
type made struct {
	kind, name string
	outputs    map[string]any
}

type properties = map[string]any

func stateOf(t require.TestingT, region string, resources ...made) *state.State {
	list := []map[string]any{
		{"urn": "urn:pulumi:prod::shop::pulumi:providers:aws::default", "type": "pulumi:providers:aws", "id": "p", "inputs": properties{"region": region}},
		{"urn": "urn:pulumi:prod::shop::slipway:index:WebService::web", "type": "slipway:index:WebService"},
	}
	for _, r := range resources {
		list = append(list, map[string]any{
			"urn":  fmt.Sprintf("urn:pulumi:prod::shop::slipway:index:WebService$%s::%s", r.kind, r.name),
			"type": r.kind, "id": r.name, "outputs": r.outputs, "parent": "urn:pulumi:prod::shop::slipway:index:WebService::web",
		})
	}
	text, err := json.Marshal(map[string]any{"version": 3, "deployment": map[string]any{"resources": list}})
	require.NoError(t, err)
	s, err := state.Read(bytes.NewReader(text))
	require.NoError(t, err)
	return s
}

func providers(of ...any) (list []any) {
	for i := 0; i < len(of); i += 3 {
		list = append(list, properties{"capacityProvider": of[i], "base": of[i+1], "weight": of[i+2]})
	}
	return list
}

func service(more properties) made {
	outputs := properties{"name": "web", "cluster": "arn:c/main", "taskDefinition": "arn:t:1", "desiredCount": 3, "launchType": "FARGATE"}
	for key, value := range more {
		outputs[key] = value
	}
	return made{ecsService, "web-service", outputs}
}

func task(architecture string) made {
	return made{taskDefinition, "web-task", properties{"arn": "arn:t:1", "cpu": "512", "memory": "1024", "runtimePlatform": properties{"cpuArchitecture": architecture}}}
}

func target(least int) made {
	return made{"aws:appautoscaling/target:Target", "web-scaling", properties{"resourceId": "service/main/web", "minCapacity": least}}
}

func TestWhatThingsCost(t *testing.T) {
	t.Parallel()
	instance := func(class string) made {
		return made{"aws:rds/clusterInstance:ClusterInstance", "writer", properties{"instanceClass": class, "clusterIdentifier": "cluster"}}
	}
	cluster := func(least float64) made {
		return made{"aws:rds/cluster:Cluster", "cluster", properties{"manageMasterUserPassword": true, "serverlessv2ScalingConfiguration": properties{"minCapacity": least}}}
	}
	insights := func(mode string) made {
		return made{"aws:ecs/cluster:Cluster", "arn:c/main", properties{"name": "main", "settings": []any{properties{"name": "containerInsights", "value": mode}}}}
	}
	const arm = "(0.5 vCPU x $0.03238 + 1 GB x $0.00356) x 730 h"
	for name, test := range map[string]struct {
		resources []made
		want      map[string]string // item: dollars and formula
	}{
		"endpoints, those of two zones apart from one in one": {[]made{
			{"aws:ec2/vpcEndpoint:VpcEndpoint", "a", properties{"vpcEndpointType": "Interface", "subnetIds": []any{"1", "2"}}},
			{"aws:ec2/vpcEndpoint:VpcEndpoint", "b", properties{"vpcEndpointType": "Interface", "subnetIds": []any{"1", "2"}}},
			{"aws:ec2/vpcEndpoint:VpcEndpoint", "c", properties{"vpcEndpointType": "Interface", "subnetIds": []any{"1"}}},
			{"aws:ec2/vpcEndpoint:VpcEndpoint", "s3", properties{"vpcEndpointType": "Gateway"}},
		}, map[string]string{"Interface endpoints": "$36.50 = 1 zone x $0.01 x 730 h + 2 x 2 zones x $0.01 x 730 h"}},
		"NAT": {[]made{{"aws:ec2/natGateway:NatGateway", "nat", nil}, {"aws:ec2/eip:Eip", "nat", nil}}, map[string]string{
			"NAT gateways": "$32.85 = $0.045 x 730 h", "Addresses of NAT gateways": "$3.65 = $0.005 x 730 h"}},
		"a load balancer": {[]made{{"aws:lb/loadBalancer:LoadBalancer", "alb", properties{"loadBalancerType": "application", "subnets": []any{"1", "2", "3"}}}}, map[string]string{
			"Load balancer": "$16.43 = $0.0225 x 730 h", "Addresses of the load balancer": "$10.95 = 3 addresses x $0.005 x 730 h"}},
		"an internal load balancer": {[]made{{"aws:lb/loadBalancer:LoadBalancer", "alb", properties{"loadBalancerType": "application", "internal": true}}}, map[string]string{
			"Load balancer": "$16.43 = $0.0225 x 730 h"}},
		"tasks, as many as the service wants": {[]made{service(nil), task("ARM64")}, map[string]string{"Tasks": "$43.25 = 3 tasks x " + arm}},
		"tasks on x86": {[]made{service(nil), task("X86_64")}, map[string]string{
			"Tasks": "$54.06 = 3 tasks x (0.5 vCPU x $0.04048 + 1 GB x $0.004445) x 730 h"}},
		"tasks, as few as auto scaling leaves": {[]made{service(nil), task("ARM64"), target(1)}, map[string]string{"Tasks": "$14.42 = 1 task x " + arm}},
		"no tasks": {[]made{service(properties{"networkConfiguration": properties{"assignPublicIp": true}}), task("ARM64"), target(0)}, map[string]string{
			"Tasks": "$0.00 = 0 tasks x " + arm, "Addresses of tasks": "$0.00 = 0 addresses x $0.005 x 730 h"}},
		"tasks on Spot with public addresses": {[]made{service(properties{
			"capacityProviderStrategies": providers("FARGATE_SPOT", 0, 100), "networkConfiguration": properties{"assignPublicIp": true}}), task("ARM64")}, map[string]string{
			"Tasks": "$12.98 = 3 tasks x (0.5 vCPU x $0.03238 + 1 GB x $0.00356) x 30 % (Spot) x 730 h", "Addresses of tasks": "$10.95 = 3 addresses x $0.005 x 730 h"}},
		"half of the tasks on Spot, but the first": {[]made{service(properties{"capacityProviderStrategies": providers("FARGATE", 1, 50, "FARGATE_SPOT", 0, 50)}), task("ARM64")}, map[string]string{
			"Tasks": "$33.16 = 1 task x (0.5 vCPU x $0.03238 + 1 GB x $0.00356) x 30 % (Spot) x 730 h + 2 tasks x " + arm}},
		"a database that is paused": {[]made{cluster(0), instance("db.serverless")}, map[string]string{
			"Database instances": "$0.00 = 0 units (paused) x $0.12 x 730 h", "Database secret": "$0.40 = $0.40"}},
		"a database that is awake": {[]made{cluster(0.5), instance("db.serverless")}, map[string]string{
			"Database instances": "$43.80 = 0.5 units x $0.12 x 730 h", "Database secret": "$0.40 = $0.40"}},
		"alarms by their metrics": {[]made{
			{"aws:cloudwatch/metricAlarm:MetricAlarm", "one", properties{"metricName": "Errors", "period": 60}},
			{"aws:cloudwatch/metricAlarm:MetricAlarm", "two", properties{"metricQueries": []any{
				properties{"metric": properties{"metricName": "Errors", "period": 60}}, properties{"metric": properties{"metricName": "Requests", "period": 60}}, properties{"expression": "a / b"}}}},
		}, map[string]string{"Alarms": "$0.30 = 1 metric x $0.10 + 2 metrics x $0.10"}},
		"target tracking": {[]made{{"aws:appautoscaling/policy:Policy", "cpu", properties{"policyType": "TargetTrackingScaling"}}}, map[string]string{
			"Alarms of auto scaling": "$0.20 = 2 alarms x 1 metric x $0.10"}},
		"target tracking of an expression": {[]made{{"aws:appautoscaling/policy:Policy", "cpu", properties{"policyType": "TargetTrackingScaling",
			"targetTrackingScalingPolicyConfiguration": properties{"customizedMetricSpecification": properties{"metrics": []any{
				properties{"metricStat": properties{"stat": "Sum"}}, properties{"metricStat": properties{"stat": "Sum"}}, properties{"expression": "a / b"}}}}}}}, map[string]string{
			"Alarms of auto scaling": "$0.40 = 2 alarms x 2 metrics x $0.10"}},
		"Container Insights of a service that runs": {[]made{insights("enabled"), service(nil), task("ARM64")}, map[string]string{
			"Container Insights": "$11.40 = 38 metrics x $0.30", "Tasks": "$43.25 = 3 tasks x " + arm}},
		"Container Insights of a service that is idle": {[]made{insights("enabled"), service(nil), task("ARM64"), target(0)}, map[string]string{
			"Container Insights": "$2.40 = 8 metrics x $0.30", "Tasks": "$0.00 = 0 tasks x " + arm}},
		"no Container Insights": {[]made{insights("disabled")}, map[string]string{}},
		"pipelines of both types": {[]made{{"aws:codepipeline/pipeline:Pipeline", "old", properties{"pipelineType": "V1"}}, {"aws:codepipeline/pipeline:Pipeline", "new", properties{"pipelineType": "V2"}}}, map[string]string{
			"Pipelines": "$1.00 = $1.00"}},
		"a web ACL": {[]made{{"aws:wafv2/webAcl:WebAcl", "acl", properties{"rules": []any{properties{}, properties{}}}}}, map[string]string{
			"Web ACL": "$5.00 = $5.00", "Rules of the web ACL": "$2.00 = 2 rules x $1.00"}},
		"other things by the month": {[]made{
			{"aws:secretsmanager/secret:Secret", "key", nil}, {"aws:ecr/repository:Repository", "image", nil}, {"aws:kms/key:Key", "key", nil},
			{"aws:cloudwatch/dashboard:Dashboard", "all", nil}, {"aws:route53/zone:Zone", "zone", nil},
		}, map[string]string{"Secrets": "$0.40 = $0.40", "Image repository": "$0.10 = 1 GB x $0.10", "Keys": "$1.00 = $1.00", "Dashboards": "$3.00 = $3.00", "Hosted zones": "$0.50 = $0.50"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := Of(stateOf(t, pricesOf, test.resources...))
			require.NoError(t, err)
			got, total := map[string]string{}, 0.0
			for _, line := range report.Lines {
				assert.Equal(t, "web", line.Component)
				got[line.Item] = amount(line.Monthly) + " = " + line.Formula
				total += line.Monthly
			}
			assert.Equal(t, test.want, got)
			assert.InDelta(t, total, report.Total, 1e-9)
		})
	}
}

func TestWhatHasNoPriceIsAnError(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		resource made
		want     string
	}{
		{made{"aws:efs/fileSystem:FileSystem", "files", nil}, "aws:efs/fileSystem:FileSystem files: a resource of the type aws:efs/fileSystem:FileSystem"},
		{made{"aws:ec2/vpcEndpoint:VpcEndpoint", "e", properties{"vpcEndpointType": "GatewayLoadBalancer"}}, "an endpoint of the type GatewayLoadBalancer"},
		{made{"aws:lb/loadBalancer:LoadBalancer", "nlb", properties{"loadBalancerType": "network"}}, "a load balancer of the type network"},
		{made{"aws:rds/clusterInstance:ClusterInstance", "i", properties{"instanceClass": "db.r6g.large"}}, "the class db.r6g.large"},
		{made{"aws:rds/clusterInstance:ClusterInstance", "i", properties{"instanceClass": "db.serverless", "clusterIdentifier": "other"}}, "its cluster other is not in this state"},
		{made{"aws:rds/cluster:Cluster", "c", properties{"storageType": "aurora-iopt1"}}, "storage of the type aurora-iopt1"},
		{service(nil), "its task definition arn:t:1 is not in this state"},
		{made{"aws:cloudwatch/metricAlarm:MetricAlarm", "a", properties{"period": 10}}, "an alarm of high resolution (10 seconds)"},
		{made{"aws:appautoscaling/policy:Policy", "p", properties{"policyType": "PredictiveScaling"}}, "a scaling policy of the type PredictiveScaling"},
		{made{"aws:ecs/cluster:Cluster", "c", properties{"settings": []any{properties{"name": "containerInsights", "value": "enhanced"}}}}, "the mode enhanced of Container Insights"},
	} {
		_, err := Of(stateOf(t, pricesOf, test.resource))
		assert.ErrorContains(t, err, test.want)
		assert.ErrorContains(t, err, "no price is known for:")
	}
	for want, more := range map[string]properties{
		`the launch type "EC2"`:         {"launchType": "EC2"},
		"the capacity provider of-mine": {"capacityProviderStrategies": providers("of-mine", 0, 1)},
	} {
		_, err := Of(stateOf(t, pricesOf, service(more), task("ARM64")))
		assert.ErrorContains(t, err, want)
	}
}

// TestNoTaskIsLost splits tasks among the capacity providers.
func TestNoTaskIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tasks := float64(rapid.IntRange(0, 50).Draw(t, "tasks"))
		base, spot := rapid.IntRange(0, 5).Draw(t, "base"), rapid.IntRange(1, 99).Draw(t, "spot")
		s := stateOf(t, pricesOf, service(properties{"capacityProviderStrategies": providers("FARGATE", base, 100-spot, "FARGATE_SPOT", 0, spot)}))
		split, err := shares(s.Of(ecsService)[0], tasks)
		require.NoError(t, err)
		assert.InDelta(t, tasks, split["FARGATE"]+split["FARGATE_SPOT"], 1e-9)
		assert.GreaterOrEqual(t, split["FARGATE"], min(tasks, float64(base)))
		assert.GreaterOrEqual(t, split["FARGATE_SPOT"], 0.0)
	})
}

func TestTheReport(t *testing.T) {
	t.Parallel()
	report, err := Of(stateOf(t, "eu-central-1",
		made{"aws:secretsmanager/secret:Secret", "a", nil}, made{"aws:secretsmanager/secret:Secret", "b", nil}, made{"aws:iam/role:Role", "r", nil}, made{"docker:index/image:Image", "i", nil}))
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, report.WriteText(&text))
	assert.Equal(t, ""+
		"COMPONENT  ITEM      A MONTH  \n"+
		"web        Secrets     $0.80  2 x $0.40\n"+
		"prod       idle        $0.80  \n"+
		"\nNothing while idle:\n"+
		"  IAM and policies are free: iam Role\n"+
		"  what is pushed is paid for in the repository: docker Image\n"+
		"\nAbout, in US dollars, for 730 hours without traffic, free tiers and taxes. Prices of us-east-1; this stack is in eu-central-1, where they differ.\n", text.String())

	other, err := Of(stateOf(t, pricesOf, made{"aws:secretsmanager/secret:Secret", "a", nil}, made{"aws:kms/key:Key", "k", nil}))
	require.NoError(t, err)
	other.Stack = "staging"
	page := Markdown(other, report)
	assert.Contains(t, page, "| web | Secrets | $0.40 | $0.80 | staging: $0.40; prod: 2 x $0.40 |\n")
	assert.Contains(t, page, "| web | Keys | $1.00 | - | $1.00 |\n")
	assert.Contains(t, page, "| **Idle** | | **$1.40** | **$0.80** | |\n")
	assert.Contains(t, page, "| iam Role | IAM and policies are free |\n")
}

// TestTheFiguresInTheComponentsComments are those of the prices.
func TestTheFiguresInTheComponentsComments(t *testing.T) {
	t.Parallel()
	small := (0.25*fargateARMCpu + 0.5*fargateARMMemory) * hours
	for path, figures := range map[string][]float64{
		"components/vpc.go":             {5 * 2 * endpointHour * hours, endpointHour * hours, (natGatewayHour + publicIPv4Hour) * hours, natGatewayHour * hours, publicIPv4Hour * hours},
		"components/webservice.go":      {loadBalancerHour * hours, 2 * publicIPv4Hour * hours, small, publicIPv4Hour * hours, 2 * alarmMonth, 38 * metricMonth},
		"components/queueworkers.go":    {small, publicIPv4Hour * hours, 3 * alarmMonth},
		"components/queue.go":           {2 * alarmMonth},
		"components/secret.go":          {secretMonth},
		"components/image.go":           {registryGBMonth},
		"components/aurora.go":          {auroraUnitHour * hours, secretMonth, 2 * alarmMonth},
		"components/dashboard.go":       {dashboardMonth},
		"components/codepipeline.go":    {keyMonth},
		"Pulumi.yaml":                   {endpointHour * hours},
		"docs/cost.md":                  {auroraUnitHour * hours, small, endpointHour},
		"components/vpc_args.go":        {endpointHour * hours},
		"components/staticsite.go":      {0},
		"components/webservice_args.go": {publicIPv4Hour * hours},
	} {
		text, err := os.ReadFile("../../" + path)
		require.NoError(t, err)
		for _, figure := range figures {
			assert.Contains(t, string(text), amount(figure), path)
		}
	}
}
