package components_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

const (
	listenerRule = "aws:lb/listenerRule:ListenerRule"

	listenerArn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/web-alb-1234567/0123456789abcdef/fedcba9876543210"
)

// sharing are the arguments of a service behind another one's HTTPS listener.
func sharing(args *components.WebServiceArgs) {
	args.PublicSubnetIds, args.DomainName = nil, ""
	args.Listener = &components.SharedListener{
		Arn:                         pulumi.String(listenerArn),
		LoadBalancerDnsName:         pulumi.String("web-alb-1234567.eu-central-1.elb.amazonaws.com"),
		LoadBalancerSecurityGroupId: pulumi.String("sg-alb"),
		HostNames:                   []string{"pr-1.staging.example.com", "pr-1.example.org"},
		Https:                       true,
	}
	args.ClusterArn = pulumi.String("arn:aws:ecs:eu-central-1:123456789012:cluster/web-cluster-1234567")
}

func TestWebServiceBehindASharedListener(t *testing.T) {
	t.Parallel()
	r := webRecorder()
	var website *components.WebService
	require.NoError(t, r.run(func(ctx *pulumi.Context) (err error) {
		args := webInputs()
		sharing(args)
		args.RequestsTarget = 100
		website, err = components.NewWebService(ctx, "web", args)
		return err
	}))
	r.requireDescends(t, webServiceToken, "web")

	assert.Equal(t, "https://pr-1.staging.example.com", awaitString(website.Url))
	assert.Equal(t, "web-alb-1234567.eu-central-1.elb.amazonaws.com", awaitString(website.LoadBalancerDnsName))
	assert.Equal(t, listenerArn, awaitString(website.ListenerArn))
	for _, none := range []string{loadBalancer, listener, ecsCluster, dnsRecord, "aws:acm/certificate:Certificate", "aws:s3/bucketV2:BucketV2"} {
		assert.Empty(t, r.all(none), none)
	}

	rule := r.find(t, listenerRule, "web-hosts").Inputs.Mappable()
	assert.Equal(t, listenerArn, rule["listenerArn"])
	assert.Equal(t, []any{map[string]any{"hostHeader": map[string]any{"values": []any{"pr-1.staging.example.com", "pr-1.example.org"}}}}, rule["conditions"])
	assert.Equal(t, []any{map[string]any{"type": "forward", "targetGroupArn": arnOf("web-tg")}}, rule["actions"])
	assert.NotContains(t, rule, "priority", "several environments come and go at once: the provider finds a free one")

	out := r.find(t, egressRule, "web-alb-to-tasks").Inputs
	assert.Equal(t, []any{"sg-alb", "web-tasks-id", 8000.0}, []any{out["securityGroupId"].V, out["referencedSecurityGroupId"].V, out["fromPort"].V})
	in := r.find(t, ingressRule, "web-tasks-from-alb").Inputs
	assert.Equal(t, []any{"web-tasks-id", "sg-alb", 8000.0}, []any{in["securityGroupId"].V, in["referencedSecurityGroupId"].V, in["fromPort"].V})
	assert.Len(t, r.all(ingressRule), 1, "the world's way to the load balancer is its owner's")

	waits := r.waitsFor(t, ecsService, "web-service")
	assert.Subset(t, waits, []string{listenerRule + " web-hosts", egressRule + " web-alb-to-tasks", ingressRule + " web-tasks-from-alb"})

	alarm := r.find(t, metricAlarm, "web-unhealthy").Inputs
	assert.Equal(t, "app/web-alb-1234567/0123456789abcdef", object(t, alarm, "dimensions")["LoadBalancer"].StringValue())
	tracking := object(t, r.find(t, scalingPolicy, "web-scale-requests").Inputs, "targetTrackingScalingPolicyConfiguration")
	assert.Equal(t, "app/web-alb-1234567/0123456789abcdef/targetgroup/web-tg/0123456789abcdef",
		object(t, tracking, "predefinedMetricSpecification")["resourceLabel"].StringValue())
}

func TestWebServiceBehindAnHttpListener(t *testing.T) {
	t.Parallel()
	r := webRecorder()
	var website *components.WebService
	require.NoError(t, r.run(func(ctx *pulumi.Context) (err error) {
		args := webInputs()
		sharing(args)
		args.Listener.HostNames, args.Listener.Https, args.Ephemeral = []string{"pr-1.test"}, false, true
		website, err = components.NewWebService(ctx, "web", args)
		return err
	}))
	assert.Equal(t, "http://pr-1.test", awaitString(website.Url))
}

func TestSharedListenerIsChecked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		change  func(*components.WebServiceArgs)
		message string
	}{
		{"arn", func(a *components.WebServiceArgs) { a.Listener.Arn = nil }, `listener.arn: got nothing, takes the ARN of a listener`},
		{"dns name", func(a *components.WebServiceArgs) { a.Listener.LoadBalancerDnsName = nil }, `listener.loadBalancerDnsName: got nothing`},
		{"group", func(a *components.WebServiceArgs) { a.Listener.LoadBalancerSecurityGroupId = nil }, `listener.loadBalancerSecurityGroupId: got nothing`},
		{"no host", func(a *components.WebServiceArgs) { a.Listener.HostNames = nil }, `listener.hostNames: got [], takes host names from 1 to 5`},
		{"six hosts", func(a *components.WebServiceArgs) {
			a.Listener.HostNames = []string{"a.test", "b.test", "c.test", "d.test", "e.test", "f.test"}
		}, `listener.hostNames: got ["a.test"`},
		{"a URL", func(a *components.WebServiceArgs) { a.Listener.HostNames = []string{"https://a.test"} }, `listener.hostNames: got "https://a.test", takes a host name in lower case`},
		{"HTTP in production", func(a *components.WebServiceArgs) { a.Listener.Https = false }, `listener.https: got false, takes true`},
		{"what its owner decides", func(a *components.WebServiceArgs) {
			a.PublicSubnetIds, a.DomainName, a.HostedZone = pulumi.ToStringArray([]string{"subnet-p1", "subnet-p2"}), "app.example.com", "example.com"
			a.Wildcard, a.IdleTimeout, a.AccessLogs = true, 30, new(false)
		}, `listener, publicSubnetIds, domainName, hostedZone, wildcard, idleTimeout, accessLogs: exclude each other`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := webRecorder()
			err := r.deployWeb(func(args *components.WebServiceArgs) {
				sharing(args)
				test.change(args)
			})
			require.ErrorContains(t, err, `WebService "web": 1 field is wrong:`)
			assert.ErrorContains(t, err, "\n  - "+test.message)
			assert.Empty(t, r.all(targetGroup), "nothing is registered")
		})
	}
}

func TestSharedListenerTakesAnApplicationLoadBalancers(t *testing.T) {
	t.Parallel()
	err := webRecorder().deployWeb(func(args *components.WebServiceArgs) {
		sharing(args)
		args.Listener.Arn = pulumi.String("arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/web/0123456789abcdef")
	})
	assert.ErrorContains(t, err, "takes the ARN of an application load balancer's listener")
}

func TestWebServiceWildcard(t *testing.T) {
	t.Parallel()
	r := runWeb(t, func(args *components.WebServiceArgs) { args.Wildcard = true })
	certificate := r.find(t, "aws:acm/certificate:Certificate", "web-certificate").Inputs
	assert.Equal(t, []string{"*.app.example.com"}, stringList(t, certificate["subjectAlternativeNames"]))
	for _, name := range []string{"web-wildcard-a", "web-wildcard-aaaa"} {
		record := r.find(t, dnsRecord, name).Inputs
		assert.Equal(t, "*.app.example.com", record["name"].StringValue())
		assert.Equal(t, "web-alb-1234567.eu-central-1.elb.amazonaws.com", record["aliases"].ArrayValue()[0].ObjectValue()["name"].StringValue())
	}
	assert.Len(t, r.all(dnsRecord), 5, "and those of the domain itself, and one proof for both names")

	err := webRecorder().deployWeb(func(args *components.WebServiceArgs) { args.DomainName, args.Ephemeral, args.Wildcard = "", true, true })
	assert.ErrorContains(t, err, "wildcard: is of no use without domainName")
}
