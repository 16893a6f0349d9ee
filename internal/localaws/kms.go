package localaws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
)

// kmsKinds are KMS's resource types.
func kmsKinds() []*kind {
	const service = "KMS"
	return []*kind{
		of(kms.KeyArgs{}, kms.Key{}, kind{service: service, noun: "Key", id: (*draft).uuid,
			replace: []string{"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"},
			defaults: map[string]any{"customerMasterKeySpec": "SYMMETRIC_DEFAULT", "keyUsage": "ENCRYPT_DECRYPT", "isEnabled": true, "multiRegion": false,
				"enableKeyRotation": false, "bypassPolicyLockoutSafetyCheck": false, "description": ""},
			check: checkKey, compute: computeKey, admit: admitKey}),
		of(kms.AliasArgs{}, kms.Alias{}, kind{service: service, noun: "Alias", idFrom: "name",
			named: &naming{property: "name", prefixProperty: "namePrefix", most: 238, shape: aliasName}, unique: map[string]string{"name": "AlreadyExistsException"},
			replace: []string{"name", "namePrefix"}, check: checkAlias, compute: func(d *draft) { d.set("arn", d.arn("kms", d.id)) }, admit: admitAlias}),
	}
}

// aliasName puts the prefix before a generated name, as pulumi-aws does.
func aliasName(name string) string {
	if strings.HasPrefix(name, "alias/") {
		return name
	}
	return "alias/" + name
}

func checkKey(c *checking) {
	c.between("deletionWindowInDays", 7, 30)
	c.between("rotationPeriodInDays", 90, 2560)
	c.oneOf("keyUsage", "ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT")
	if c.isTrue("enableKeyRotation") && c.has("customerMasterKeySpec") && c.text("customerMasterKeySpec") != "SYMMETRIC_DEFAULT" {
		c.fail("enableKeyRotation", "UnsupportedOperationException: only symmetric encryption keys rotate, the key is %s", c.text("customerMasterKeySpec"))
	}
	if c.has("rotationPeriodInDays") && !c.isTrue("enableKeyRotation") && !c.value("enableKeyRotation").IsComputed() {
		c.invalid("rotationPeriodInDays", "takes effect with enableKeyRotation only")
	}
	const code = "MalformedPolicyDocumentException"
	statements := c.checkPolicy("policy", code, keyPolicy)
	if c.text("policy") != "" && !c.isTrue("bypassPolicyLockoutSafetyCheck") && !slices.ContainsFunc(statements, func(s statement) bool { return s.keepsIn(c.accountID) }) {
		c.fail("policy", "%s: The new key policy will not allow you to update the key policy in the future.", code)
	}
}

// keepsIn tells whether a statement lets the key's account go on to change its policy.
func (s statement) keepsIn(account string) bool {
	owner := slices.ContainsFunc(s.Principals["AWS"], func(p string) bool {
		return p == "*" || p == account || strings.Contains(p, "::"+account+":")
	})
	changes := slices.ContainsFunc(s.Actions, func(action string) bool {
		return slices.Contains([]string{"*", "kms:*", "kms:Put*", "kms:PutKeyPolicy"}, action)
	})
	return s.Effect == "Allow" && owner && changes && len(s.Condition) == 0
}

func admitKey(a *admission) error {
	return a.admitPrincipals("policy", "MalformedPolicyDocumentException", keyPolicy)
}

var aliasShape = regexp.MustCompile(`^alias/[a-zA-Z0-9/_-]{1,250}$`)

func checkAlias(c *checking) {
	name := c.text("name")
	switch {
	case name == "":
	case strings.HasPrefix(name, "alias/aws/"):
		c.fail("name", "name must begin with 'alias/', not with 'alias/aws/', which is reserved for use by AWS, got %q (NotAuthorizedException)", name)
	case !aliasShape.MatchString(name):
		c.invalid("name", "name must begin with 'alias/', not with 'alias/aws/', and be comprised of only [a-zA-Z0-9/_-], got %q", name)
	}
}

func computeKey(d *draft) {
	d.set("arn", d.arn("kms", "key/"+d.id))
	d.set("keyId", d.id)
	if !d.has("policy") {
		d.set("policy", `{"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"`+d.globalARN("iam", "root")+`"},"Action":"kms:*","Resource":"*"}]}`)
	}
}

// admitAlias fills in the ARN of the key.
func admitAlias(a *admission) error {
	a.set("targetKeyArn", a.account.lookup(a.text("targetKeyId"), keyType).text("arn"))
	return nil
}
