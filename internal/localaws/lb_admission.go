package localaws

import (
	"slices"
	"strings"
)

const (
	ruleType         = "aws:lb/listenerRule:ListenerRule"
	bucketPolicyType = "aws:s3/bucketPolicy:BucketPolicy"
)

func admitLoadBalancer(a *admission) error {
	subnets := a.subnets()
	zones := map[string]bool{}
	for _, id := range subnets {
		subnet := a.account.lookup(id, subnetType)
		if subnet.text("vpcId") != a.text("vpcId") {
			return refuse("InvalidConfigurationRequest", "All subnets must belong to the same VPC: '%s' is in %s, '%s' is not", subnets[len(subnets)-1], a.text("vpcId"), id)
		}
		zone := subnet.text("availabilityZone")
		if zones[zone] {
			return refuse("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone: %s", zone)
		}
		zones[zone] = true
	}
	if a.text("loadBalancerType") == "application" && len(zones) < 2 {
		return refuse("ValidationError", "At least two subnets in two different Availability Zones must be specified")
	}
	for _, id := range a.texts("securityGroups") {
		if group := a.account.lookup(id, securityGroupType); group.text("vpcId") != a.text("vpcId") {
			return refuse("InvalidConfigurationRequest", "One or more security groups are invalid: %s is not in %s", id, a.text("vpcId"))
		}
	}
	return a.logsCanBeWritten()
}

// logsCanBeWritten tries the bucket of the access logs, as the load balancer does when it is told of it.
func (a *admission) logsCanBeWritten() error {
	bucket := a.text("accessLogs.bucket")
	if bucket == "" || !a.isTrue("accessLogs.enabled") {
		return nil
	}
	for _, o := range a.account.everything {
		if policy := o.text("policy"); o.Type == bucketPolicyType && o.text("bucket") == bucket && strings.Contains(policy, "s3:PutObject") && strings.Contains(policy, `"Allow"`) {
			return nil
		}
	}
	return refuse("InvalidConfigurationRequest", "Access Denied for bucket: %s. Please check S3bucket permission", bucket)
}

// unprotected refuses to delete a load balancer with deletion protection.
func unprotected(o *Object) error {
	if o.Properties["enableDeletionProtection"] == true {
		return refuse("OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled", o.ID)
	}
	return nil
}

// withListeners takes a load balancer's listeners away with it, and their rules.
func withListeners(a *Account, balancer *Object) (changes []change, err error) {
	for _, user := range a.users(balancer) {
		if user.Type == listenerType {
			rules, err := withRules(a, user)
			if err != nil {
				return nil, err
			}
			changes = append(append(changes, user.removed()), rules...)
		}
	}
	return changes, nil
}

// withRules takes a listener's rules away with it, whoever made them.
func withRules(a *Account, listener *Object) (changes []change, err error) {
	for _, user := range a.users(listener) {
		if user.Type == ruleType {
			changes = append(changes, user.removed())
		}
	}
	return changes, nil
}

func admitListener(a *admission) error {
	if err := a.others(listenerType, func(o *Object) error {
		port, _ := o.Properties["port"].(float64)
		if o.text("loadBalancerArn") == a.text("loadBalancerArn") && port == a.number("port") {
			return refuse("DuplicateListener", "A listener already exists on port %v for this load balancer '%s'", port, a.text("loadBalancerArn"))
		}
		return nil
	}); err != nil {
		return err
	}
	if certificate := a.text("certificateArn"); certificate != "" {
		if err := a.certificateServes(certificate); err != nil {
			return err
		}
	}
	return a.admitTargetGroups("defaultActions", a.text("loadBalancerArn"))
}

// certificateServes refuses a certificate of another region, and one that is not issued yet.
func (a *admission) certificateServes(arn string) error {
	certificate := a.account.lookup(arn, certificateType)
	if certificate.Region != a.region {
		return refuse("CertificateNotFound", "Certificate '%s' not found", arn)
	}
	issued := certificate.text("status") == "ISSUED" || slices.ContainsFunc(a.account.users(certificate), func(o *Object) bool { return o.Type == validationType })
	if !issued {
		return refuse("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, a supported signature, and a supported key size.", arn)
	}
	return nil
}

// admitTargetGroups refuses a target group of another network, and one that another load balancer has.
func (a *admission) admitTargetGroups(actions, balancerARN string) error {
	balancer := a.account.lookup(balancerARN, loadBalancerType)
	for _, arn := range append(a.texts(actions+".targetGroupArn"), a.texts(actions+".forward.targetGroups.arn")...) {
		group := a.account.lookup(arn, targetGroupType)
		if group.text("vpcId") != balancer.text("vpcId") {
			return refuse("InvalidConfigurationRequest", "The target group '%s' and the load balancer '%s' must be in the same VPC", arn, balancerARN)
		}
		for _, user := range a.account.users(group) {
			if other := a.account.balancerOf(user); other != "" && other != balancerARN {
				return refuse("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", arn)
			}
		}
	}
	return nil
}

// balancerOf is the load balancer that a listener or a rule belongs to, or "".
func (a *Account) balancerOf(o *Object) string {
	switch o.Type {
	case listenerType:
		return o.text("loadBalancerArn")
	case ruleType:
		if listener := a.lookup(o.text("listenerArn"), listenerType); listener != nil {
			return listener.text("loadBalancerArn")
		}
	}
	return ""
}

// rulesPerBalancer is the default quota of an application load balancer (User Guide, "Quotas for your Application Load Balancers").
const rulesPerBalancer = 100

func admitRule(a *admission) error {
	balancer := a.account.lookup(a.text("listenerArn"), listenerType).text("loadBalancerArn")
	rules := 0
	if err := a.others(ruleType, func(o *Object) error {
		if a.account.balancerOf(o) == balancer {
			rules++
		}
		if o.text("listenerArn") == a.text("listenerArn") && o.Properties["priority"] == a.number("priority") {
			return refuse("PriorityInUse", "Priority '%v' is currently in use", a.number("priority"))
		}
		return nil
	}); err != nil {
		return err
	}
	if rules >= rulesPerBalancer {
		return refuse("TooManyRules", "The maximum number of rules on load balancer '%s' has been reached", balancer)
	}
	return a.admitTargetGroups("actions", balancer)
}

func admitListenerCertificate(a *admission) error {
	return a.certificateServes(a.text("certificateArn"))
}
