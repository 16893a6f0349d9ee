package components

import (
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// tlsPolicy takes TLS 1.2 with forward secrecy and TLS 1.3 (control ELB.17).
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

// createBalancerSecurityGroup lets the world reach the load balancer's ports. The rules are resources of their own, so that each
// service adds the one that leads to its tasks.
func (w *WebService) createBalancerSecurityGroup(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	w.LoadBalancerSecurityGroup, err = ec2.NewSecurityGroup(ctx, name+"-alb", &ec2.SecurityGroupArgs{
		Description: pulumi.String("Load balancer of " + name),
		VpcId:       args.VpcId,
		Tags:        pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	w.LoadBalancerSecurityGroupId = w.LoadBalancerSecurityGroup.ID().ToStringOutput()
	ports := []int{80}
	if args.DomainName != "" {
		ports = append(ports, 443)
	}
	for _, port := range ports {
		_, err = vpc.NewSecurityGroupIngressRule(ctx, name+"-alb-from-world-"+strconv.Itoa(port), &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: w.LoadBalancerSecurityGroup.ID(),
			Description:     pulumi.Sprintf("Port %d from anywhere", port),
			CidrIpv4:        pulumi.String("0.0.0.0/0"),
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(port),
			ToPort:          pulumi.Int(port),
			Tags:            pulumi.ToStringMap(args.Tags),
		}, pulumi.Parent(w))
		if err != nil {
			return err
		}
	}
	return nil
}

// createTasksSecurityGroup lets the load balancer reach the tasks' port, and the tasks everything outside.
func (w *WebService) createTasksSecurityGroup(ctx *pulumi.Context, name string, args WebServiceArgs) error {
	if err := w.createSecurityGroup(ctx, name, w, args.VpcId, args.Tags); err != nil {
		return err
	}
	w.SecurityGroupId = w.SecurityGroup.ID().ToStringOutput()
	toTasks, err := vpc.NewSecurityGroupEgressRule(ctx, name+"-alb-to-tasks", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           w.LoadBalancerSecurityGroupId,
		Description:               pulumi.String("Requests and health checks to the tasks"),
		ReferencedSecurityGroupId: w.SecurityGroup.ID(),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(args.Port),
		ToPort:                    pulumi.Int(args.Port),
		Tags:                      pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	fromBalancer, err := vpc.NewSecurityGroupIngressRule(ctx, name+"-tasks-from-alb", &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           w.SecurityGroup.ID(),
		Description:               pulumi.String("Requests and health checks from the load balancer"),
		ReferencedSecurityGroupId: w.LoadBalancerSecurityGroupId,
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(args.Port),
		ToPort:                    pulumi.Int(args.Port),
		Tags:                      pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	// Without these rules a task cannot become healthy, and the service refers to the groups only.
	w.startAfter = append(w.startAfter, toTasks, fromBalancer)
	return err
}

func (w *WebService) createLoadBalancer(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	balancer := &lb.LoadBalancerArgs{
		LoadBalancerType:         pulumi.String("application"),
		Internal:                 pulumi.Bool(false),
		Subnets:                  args.PublicSubnetIds,
		SecurityGroups:           pulumi.StringArray{w.LoadBalancerSecurityGroup.ID()},
		IdleTimeout:              pulumi.Int(args.IdleTimeout),
		DropInvalidHeaderFields:  pulumi.Bool(true),
		DesyncMitigationMode:     pulumi.String("defensive"),
		EnableDeletionProtection: pulumi.Bool(!args.Ephemeral),
		Tags:                     pulumi.ToStringMap(args.Tags),
	}
	if *args.AccessLogs {
		// By way of the policy, because the balancer tries to write when it is created.
		balancer.AccessLogs = &lb.LoadBalancerAccessLogsArgs{Bucket: w.accessLogsPolicy.Bucket, Enabled: pulumi.Bool(true)}
	}
	w.LoadBalancer, err = lb.NewLoadBalancer(ctx, name+"-alb", balancer, pulumi.Parent(w))
	if err != nil {
		return err
	}
	w.LoadBalancerDnsName, w.loadBalancerArnSuffix = w.LoadBalancer.DnsName, w.LoadBalancer.ArnSuffix
	return nil
}

// createTargetGroup creates the group of the tasks, which the load balancer checks and sends requests to.
func (w *WebService) createTargetGroup(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	w.TargetGroup, err = lb.NewTargetGroup(ctx, name+"-tg", &lb.TargetGroupArgs{
		VpcId:               args.VpcId,
		TargetType:          pulumi.String("ip"),
		Protocol:            pulumi.String("HTTP"),
		Port:                pulumi.Int(args.Port),
		DeregistrationDelay: pulumi.Int(*args.DeregistrationDelay),
		HealthCheck: &lb.TargetGroupHealthCheckArgs{
			Path:               pulumi.String(args.HealthCheckPath),
			Matcher:            pulumi.String(args.HealthCheckMatcher),
			Interval:           pulumi.Int(args.HealthCheckInterval),
			Timeout:            pulumi.Int(args.HealthCheckTimeout),
			HealthyThreshold:   pulumi.Int(args.HealthyThreshold),
			UnhealthyThreshold: pulumi.Int(args.UnhealthyThreshold),
		},
		Tags: pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	return err
}

// createListeners forwards HTTPS to the tasks and redirects HTTP to it, or forwards HTTP where there is no domain.
func (w *WebService) createListeners(ctx *pulumi.Context, name string, args WebServiceArgs) (err error) {
	forward := &lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: w.TargetGroup.Arn}
	plain := forward
	if args.DomainName != "" {
		plain = &lb.ListenerDefaultActionArgs{Type: pulumi.String("redirect"), Redirect: &lb.ListenerDefaultActionRedirectArgs{
			Protocol:   pulumi.String("HTTPS"),
			Port:       pulumi.String("443"),
			StatusCode: pulumi.String("HTTP_301"),
		}}
	}
	w.HttpListener, err = lb.NewListener(ctx, name+"-http", &lb.ListenerArgs{
		LoadBalancerArn: w.LoadBalancer.Arn,
		Protocol:        pulumi.String("HTTP"),
		Port:            pulumi.Int(80),
		DefaultActions:  lb.ListenerDefaultActionArray{plain},
		Tags:            pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	// ECS refuses a target group that no load balancer uses yet, so the service waits for the listener that forwards.
	if args.DomainName == "" {
		w.ListenerArn = w.HttpListener.Arn
		w.startAfter = append(w.startAfter, w.HttpListener)
		return ctx.Log.Warn("without domainName the website is served over HTTP: what is sent to it can be read and changed on the way", &pulumi.LogArgs{Resource: w})
	}
	w.HttpsListener, err = lb.NewListener(ctx, name+"-https", &lb.ListenerArgs{
		LoadBalancerArn: w.LoadBalancer.Arn,
		Protocol:        pulumi.String("HTTPS"),
		Port:            pulumi.Int(443),
		SslPolicy:       pulumi.String(tlsPolicy),
		CertificateArn:  w.certificateArn,
		DefaultActions:  lb.ListenerDefaultActionArray{forward},
		Tags:            pulumi.ToStringMap(args.Tags),
	}, pulumi.Parent(w))
	if err != nil {
		return err
	}
	w.ListenerArn = w.HttpsListener.Arn
	w.startAfter = append(w.startAfter, w.HttpsListener)
	return nil
}

func (w *WebService) url(args WebServiceArgs) pulumi.StringOutput {
	if args.Listener != nil {
		return pulumi.String(args.Listener.url()).ToStringOutput()
	}
	if args.DomainName != "" {
		return pulumi.String("https://" + args.DomainName).ToStringOutput()
	}
	return pulumi.Sprintf("http://%s", w.LoadBalancerDnsName)
}
