package localaws

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	// reservedBucketPrefixes and -Suffixes are from "Bucket naming rules" in S3's user guide.
	reservedBucketPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	reservedBucketSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

func checkBucket(c *checking) {
	name := c.text("bucket")
	if name == "" {
		return
	}
	reason := ""
	_, notIP := netip.ParseAddr(name)
	switch {
	case !bucketName.MatchString(name):
		reason = "only lowercase alphanumeric characters, periods and hyphens, 3 to 63, a letter or digit first and last"
	case strings.Contains(name, ".."):
		reason = "two adjacent periods"
	case notIP == nil:
		reason = "formatted as an IP address"
	case slices.ContainsFunc(reservedBucketPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }):
		reason = "reserved prefix"
	case slices.ContainsFunc(reservedBucketSuffixes, func(s string) bool { return strings.HasSuffix(name, s) }):
		reason = "reserved suffix"
	}
	if reason != "" {
		c.fail("bucket", "InvalidBucketName: The specified bucket is not valid: %q (%s)", name, reason)
	}
}

func checkEncryption(c *checking) {
	rules := c.value("rules")
	if !rules.IsArray() {
		return
	}
	for n := range rules.ArrayValue() {
		at := fmt.Sprintf("rules[%d].applyServerSideEncryptionByDefault", n)
		c.oneOf(at+".sseAlgorithm", "AES256", "aws:kms", "aws:kms:dsse")
		if c.has(at+".kmsMasterKeyId") && c.text(at+".sseAlgorithm") == "AES256" {
			c.fail(at+".kmsMasterKeyId", "InvalidArgument: a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms")
		}
	}
}

// lifecycleActions are what a rule can do; it must do one thing at least.
var lifecycleActions = []string{"expiration", "noncurrentVersionExpiration", "transitions", "noncurrentVersionTransitions", "abortIncompleteMultipartUpload"}

func checkLifecycle(c *checking) {
	rules := c.value("rules")
	if !rules.IsArray() {
		return
	}
	seen := map[string]bool{}
	for n := range rules.ArrayValue() {
		at := fmt.Sprintf("rules[%d]", n)
		c.oneOf(at+".status", "Enabled", "Disabled")
		id := c.text(at + ".id")
		if id != "" && seen[id] {
			c.fail(at+".id", "InvalidArgument: Rule ID must be unique. Found same ID for more than one rule: %s", id)
		}
		seen[id] = true
		if len(id) > 255 {
			c.fail(at+".id", "InvalidArgument: ID length should not exceed allowed limit of 255")
		}
		if !slices.ContainsFunc(lifecycleActions, func(action string) bool { return c.has(at + "." + action) }) {
			c.fail(at, "InvalidRequest: At least one action needs to be specified in a rule")
		}
		for _, days := range []string{"expiration.days", "noncurrentVersionExpiration.noncurrentDays", "abortIncompleteMultipartUpload.daysAfterInitiation"} {
			if v := c.value(at + "." + days); v.IsNumber() && v.NumberValue() < 1 {
				c.fail(at+"."+days, "InvalidArgument: %s must be a positive integer, got %v", days, v.NumberValue())
			}
		}
	}
}

// corsMethods are those that a rule of a bucket can allow; OPTIONS is the question itself.
var corsMethods = []string{"GET", "PUT", "POST", "DELETE", "HEAD"}

func checkCors(c *checking) {
	rules := c.objects("corsRules")
	if len(rules) > 100 {
		c.fail("corsRules", "MalformedXML: a bucket has 100 rules at most, got %d", len(rules))
	}
	for n := range rules {
		at := fmt.Sprintf("corsRules[%d]", n)
		for _, method := range texts(c.value(at+".allowedMethods"), "") {
			if !slices.Contains(corsMethods, method) {
				c.fail(at+".allowedMethods", "InvalidRequest: Found unsupported HTTP method in CORS config. Unsupported method is %s", method)
			}
		}
		for _, origin := range texts(c.value(at+".allowedOrigins"), "") {
			if strings.Count(origin, "*") > 1 {
				c.fail(at+".allowedOrigins", "InvalidRequest: AllowedOrigin \"%s\" can not have more than one wildcard.", origin)
			}
		}
	}
}

func checkBucketPolicy(c *checking) {
	bucket := c.text("bucket")
	for n, s := range c.checkPolicy("policy", "MalformedPolicy", bucketPolicy) {
		if bucket != "" {
			for _, r := range slices.Concat(s.Resources, s.NotResources) {
				if name := bucketOf(r); name != bucket && !strings.ContainsAny(name, "*?") {
					c.fail("policy", "MalformedPolicy: Policy has invalid resource %s: the bucket is %s (Statement[%d])", r, bucket, n)
				}
			}
		}
		if len(s.Resources) == 0 {
			continue
		}
		for _, action := range s.Actions {
			if !applies(action, s.Resources) {
				c.fail("policy", "MalformedPolicy: Action does not apply to any resource(s) in statement: %s (Statement[%d])", action, n)
			}
		}
	}
}

// bucketOf is the bucket in arn:aws:s3:::bucket/key.
func bucketOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	name, _, _ := strings.Cut(parts[len(parts)-1], "/")
	return name
}

// onObjects matches the actions on objects; the others, and those that configure a bucket's object lock, are on buckets.
var (
	onObjects      = regexp.MustCompile(`(?i)^s3:(.*Object.*|Replicate(Delete|Tags)|AbortMultipartUpload|ListMultipartUploadParts|InitiateReplication|BypassGovernanceRetention)$`)
	onBucketsStill = regexp.MustCompile(`(?i)^s3:(Get|Put)BucketObjectLockConfiguration$`)
)

// applies tells whether an action is on one of the resources: one on objects needs an object's ARN.
func applies(action string, resources []string) bool {
	if strings.ContainsAny(action, "*?") {
		return true
	}
	object := onObjects.MatchString(action) && !onBucketsStill.MatchString(action)
	return slices.ContainsFunc(resources, func(r string) bool {
		return r == "*" || strings.HasSuffix(r, "*") || strings.Contains(r, "/") == object
	})
}

// admitBucketPolicy refuses a public policy where public policies are blocked, which they are unless the bucket's public
// access block says otherwise (the default of every bucket since April 2023).
func admitBucketPolicy(a *admission) error {
	if err := a.admitPrincipals("policy", "MalformedPolicy", bucketPolicy); err != nil {
		return err
	}
	bucket := a.account.lookup(a.text("bucket"), bucketType)
	block := a.account.lookup(bucket.ID, publicAccessBlockType)
	if block != nil && block.Properties["blockPublicPolicy"] != true {
		return nil
	}
	statements, _ := parsePolicy(a.text("policy"), bucketPolicy)
	if slices.ContainsFunc(statements, statement.isPublic) {
		return refuse("AccessDenied", "User is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:aws:s3:::%s\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.", bucket.ID)
	}
	return nil
}

// limitingKeys are the condition keys that make a policy for everybody one that is not public.
var limitingKeys = []string{"aws:sourcearn", "aws:sourceaccount", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceip", "aws:principalorgid", "aws:principalarn", "aws:principalaccount",
	"aws:userid", "aws:sourceorgid", "s3:dataaccesspointarn", "s3:dataaccesspointaccount"}

// isPublic tells whether a statement lets anybody in.
func (s statement) isPublic() bool {
	if s.Effect != "Allow" || !slices.Contains(s.Principals["AWS"], "*") {
		return false
	}
	for _, keys := range s.Condition {
		for key := range keys {
			if slices.Contains(limitingKeys, strings.ToLower(key)) {
				return false
			}
		}
	}
	return true
}
