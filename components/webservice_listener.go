package components

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// SharedListener is a listener of a load balancer that exists, and the host names whose requests a service takes of it.
//
//	Listener: &components.SharedListener{
//		Arn: web.ListenerArn, LoadBalancerDnsName: web.LoadBalancerDnsName,
//		LoadBalancerSecurityGroupId: web.LoadBalancerSecurityGroupId,
//		HostNames: []string{"pr-1.staging.example.com"}, Https: true,
//	}
//
// A load balancer takes 100 target groups, and its security group 60 rules by default: so many services can share it.
type SharedListener struct {
	// Arn is the listener's. Required. Example: ListenerArn of the service that has the load balancer.
	Arn pulumi.StringInput `pulumi:"arn"`
	// LoadBalancerDnsName is the name that the host names have to lead to. Required.
	// Example: LoadBalancerDnsName of the same service.
	LoadBalancerDnsName pulumi.StringInput `pulumi:"loadBalancerDnsName"`
	// LoadBalancerSecurityGroupId is of the load balancer; the service adds a rule that leads to its tasks. Required.
	// Example: LoadBalancerSecurityGroupId of the same service.
	LoadBalancerSecurityGroupId pulumi.StringInput `pulumi:"loadBalancerSecurityGroupId"`
	// HostNames are one to five names. Their DNS records are their owner's. Url is of the first. Required.
	// Example: {"pr-1.staging.example.com"}, a name that another service's Wildcard covers.
	HostNames []string `pulumi:"hostNames"`
	// Https tells that the listener speaks HTTPS and has a certificate for the names. Default: false, which is HTTP and only for
	// Ephemeral.
	Https bool `pulumi:"https,optional"`
}

// url is where the first host name's website is.
func (l *SharedListener) url() string {
	if l.Https {
		return "https://" + l.HostNames[0]
	}
	return "http://" + l.HostNames[0]
}

// checkListener checks a shared listener, and that nothing is asked for of a load balancer that the service does not make.
func (a *WebServiceArgs) checkListener(wrong *invalid.Fields) {
	excluded := []string{"listener"}
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"publicSubnetIds", a.PublicSubnetIds != nil},
		{"domainName", a.DomainName != ""},
		{"hostedZone", a.HostedZone != ""},
		{"wildcard", a.Wildcard},
		{"idleTimeout", a.IdleTimeout != 0},
		{"accessLogs", a.AccessLogs != nil},
	} {
		if field.given {
			excluded = append(excluded, field.name)
		}
	}
	if len(excluded) > 1 {
		wrong.Conflict(strings.Join(excluded, ", "), "exclude each other, as a shared listener's load balancer is set up by its owner; remove the listener or the others")
	}
	for _, field := range []struct {
		name  string
		value pulumi.StringInput
		takes string
	}{
		{"arn", a.Listener.Arn, "the ARN of a listener, such as web.ListenerArn"},
		{"loadBalancerDnsName", a.Listener.LoadBalancerDnsName, "the DNS name of its load balancer, such as web.LoadBalancerDnsName"},
		{"loadBalancerSecurityGroupId", a.Listener.LoadBalancerSecurityGroupId, "the id of its load balancer's security group, such as web.LoadBalancerSecurityGroupId"},
	} {
		if field.value == nil {
			wrong.Add("listener."+field.name, nil, field.takes)
		}
	}
	wrong.Check("listener.hostNames", a.Listener.HostNames, limits.HostNames(len(a.Listener.HostNames)))
	for _, host := range a.Listener.HostNames {
		wrong.Check("listener.hostNames", host, limits.HostName(host))
	}
	if !a.Listener.Https && !a.Ephemeral {
		wrong.Add("listener.https", false, "true, as passwords and sessions would cross the internet readable without HTTPS; set ephemeral for a test environment over HTTP")
	}
}

// useListener takes the place of a load balancer of its own.
func (w *WebService) useListener(_ *pulumi.Context, _ string, args WebServiceArgs) error {
	w.ListenerArn = args.Listener.Arn.ToStringOutput().ApplyT(func(listenerArn string) (string, error) {
		_, err := loadBalancerOf(listenerArn)
		return listenerArn, err
	}).(pulumi.StringOutput)
	w.LoadBalancerDnsName = args.Listener.LoadBalancerDnsName.ToStringOutput()
	w.LoadBalancerSecurityGroupId = args.Listener.LoadBalancerSecurityGroupId.ToStringOutput()
	w.loadBalancerArnSuffix = w.ListenerArn.ApplyT(loadBalancerOf).(pulumi.StringOutput)
	return nil
}

// loadBalancerOf is how CloudWatch names the load balancer of a listener: app/web/0123456789abcdef of
// arn:aws:elasticloadbalancing:<region>:<account>:listener/app/web/0123456789abcdef/fedcba9876543210.
func loadBalancerOf(listenerArn string) (string, error) {
	parsed, err := parseArn(listenerArn)
	parts := strings.Split(parsed.resource, "/")
	if err != nil || len(parts) != 5 || parts[0] != "listener" || parts[1] != "app" {
		return "", fmt.Errorf("listener.arn: got %q, takes the ARN of an application load balancer's listener, such as web.ListenerArn", listenerArn)
	}
	return strings.Join(parts[1:4], "/"), nil
}

// createListenerRule has the shared listener forward the requests for the host names.
func (w *WebService) createListenerRule(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	w.ListenerRule, err = lb.NewListenerRule(ctx, name+"-hosts", &lb.ListenerRuleArgs{
		ListenerArn: w.ListenerArn,
		// No priority: the provider takes the one after the listener's last, and tries again where another service was quicker.
		// Rules for different hosts do not meet, so their order is of no account.
		Conditions: lb.ListenerRuleConditionArray{&lb.ListenerRuleConditionArgs{
			HostHeader: &lb.ListenerRuleConditionHostHeaderArgs{Values: pulumi.ToStringArray(args.Listener.HostNames)},
		}},
		Actions: lb.ListenerRuleActionArray{&lb.ListenerRuleActionArgs{
			Type:           pulumi.String("forward"),
			TargetGroupArn: w.TargetGroup.Arn,
		}},
		Tags: pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	// ECS refuses a target group that no load balancer uses yet, so the service waits for the rule that forwards.
	w.startAfter = append(w.startAfter, w.ListenerRule)
	if args.Listener.Https {
		return nil
	}
	return ctx.Log.Warn("the listener speaks HTTP: what is sent to the website can be read and changed on the way", &pulumi.LogArgs{Resource: w})
}
