package localaws

import (
	"fmt"
	"regexp"
	"strings"
)

// IAM's quotas, which cannot be raised but for the last (IAM and STS quotas, "IAM and STS character limits"). Sizes are
// in characters without white space.
const (
	trustPolicySize    = 2048
	managedPolicySize  = 6144
	inlinePoliciesSize = 10240
	policiesPerRole    = 10
)

const malformedPolicy = "MalformedPolicyDocument"

var (
	iamName = regexp.MustCompile(`^[\w+=,.@-]+$`)
	iamPath = regexp.MustCompile(`^/([!-~]+/)?$`)
)

func (c *checking) checkIAMName(most int) {
	name := c.text("name")
	if name != "" && (len(name) > most || !iamName.MatchString(name)) {
		c.invalid("name", "invalid value for name (must match [\\w+=,.@-] and have at most %d characters): %q", most, name)
	}
	if path := c.text("path"); path != "" && !iamPath.MatchString(path) {
		c.fail("path", "The specified value for path is invalid. It must begin and end with / and contain only ASCII characters: %q (ValidationError)", path)
	}
	if description := c.text("description"); len(description) > 1000 {
		c.invalid("description", "expected length of description to be in the range (0 - 1000), got %d", len(description))
	}
}

func checkRole(c *checking) {
	c.checkIAMName(64)
	c.between("maxSessionDuration", 3600, 43200)
	c.checkPolicy("assumeRolePolicy", malformedPolicy, trustPolicy)
	if size := policySize(c.text("assumeRolePolicy")); size > trustPolicySize {
		c.fail("assumeRolePolicy", "LimitExceeded: Cannot exceed quota for ACLSizePerRole: %d, got %d", trustPolicySize, size)
	}
	if inline := c.value("inlinePolicies"); inline.IsArray() {
		for n := range inline.ArrayValue() {
			c.checkPolicy(fmt.Sprintf("inlinePolicies[%d].policy", n), malformedPolicy, identityPolicy)
		}
	}
}

func admitRole(a *admission) error {
	return a.admitPrincipals("assumeRolePolicy", malformedPolicy, trustPolicy)
}

func checkRolePolicy(c *checking) {
	c.checkIAMName(128)
	c.checkRoleName()
	c.checkPolicy("policy", malformedPolicy, identityPolicy)
}

// checkRoleName refuses an ARN, with which a reference to a role is often mixed up.
func (c *checking) checkRoleName() {
	if role := c.text("role"); role != "" && !iamName.MatchString(role) {
		c.fail("role", "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@-_ ; got %q (ValidationError)", role)
	}
}

// admitRolePolicy keeps the inline policies of a role within their common size.
func admitRolePolicy(a *admission) error {
	size := policySize(a.text("policy"))
	_ = a.others(rolePolicyType, func(o *Object) error {
		if o.text("role") == a.text("role") {
			size += policySize(o.text("policy"))
		}
		return nil
	})
	if size > inlinePoliciesSize {
		return refuse("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", inlinePoliciesSize, a.text("role"))
	}
	return nil
}

func checkAttachment(c *checking) {
	c.checkRoleName()
	if arn := c.text("policyArn"); arn != "" && !strings.HasPrefix(arn, "arn:") {
		c.fail("policyArn", "ARN %s is not valid. (InvalidInput)", arn)
	}
}

func admitAttachment(a *admission) error {
	attached := 0
	_ = a.others(roleAttachmentType, func(o *Object) error {
		if o.text("role") == a.text("role") {
			attached++
		}
		return nil
	})
	if attached >= policiesPerRole {
		return refuse("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", policiesPerRole)
	}
	return nil
}

func checkManagedPolicy(c *checking) {
	c.checkIAMName(128)
	c.checkPolicy("policy", malformedPolicy, identityPolicy)
	if size := policySize(c.text("policy")); size > managedPolicySize {
		c.fail("policy", "LimitExceeded: Cannot exceed quota for PolicySize: %d, got %d", managedPolicySize, size)
	}
}
