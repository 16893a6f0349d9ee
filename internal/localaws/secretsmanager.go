package localaws

import (
	"regexp"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
)

// deletedSecretType is a secret that is scheduled for deletion: it can be restored, and its name is taken until then.
const deletedSecretType = "aws:secretsmanager/deletedSecret:DeletedSecret"

// secretsManagerKinds are Secrets Manager's resource types.
func secretsManagerKinds() []*kind {
	const service = "Secrets Manager"
	return []*kind{
		of(secretsmanager.SecretArgs{}, secretsmanager.Secret{}, kind{service: service, noun: "Secret",
			id:    func(d *draft) string { return d.arn("secretsmanager", "secret:"+d.text("name")+"-"+d.hex(6)) },
			named: &naming{property: "name", prefixProperty: "namePrefix", most: 255}, unique: map[string]string{"name": "ResourceExistsException"},
			replace: []string{"name", "namePrefix"}, defaults: map[string]any{"recoveryWindowInDays": 30, "forceOverwriteReplicaSecret": false},
			check: checkSecret, compute: func(d *draft) { d.set("arn", d.id) }, admit: admitSecret, afterDelete: scheduleDeletion}),
		of(secretsmanager.SecretVersionArgs{}, secretsmanager.SecretVersion{}, kind{service: service, noun: "SecretValue",
			id:      func(d *draft) string { return d.text("secretId") + "|" + d.uuid() },
			replace: []string{"secretId", "secretString", "secretBinary"}, check: checkSecretVersion, compute: computeSecretVersion}),
	}
}

var secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)

// secretSize is what a version holds at most, in bytes.
const secretSize = 65536

func checkSecret(c *checking) {
	if name := c.text("name"); name != "" && !secretName.MatchString(name) {
		c.invalid("name", "must contain only alphanumeric characters and /_+=.@-, 512 at most, got %q", name)
	}
	if v := c.value("recoveryWindowInDays"); v.IsNumber() && v.NumberValue() != 0 {
		if days := v.NumberValue(); days < 7 || days > 30 {
			c.invalid("recoveryWindowInDays", "expected recoveryWindowInDays to be 0 or in the range (7 - 30), got %v", days)
		}
	}
	c.checkPolicy("policy", "MalformedPolicyDocumentException", secretPolicy)
}

func checkSecretVersion(c *checking) {
	if c.has("secretString") == c.has("secretBinary") {
		c.invalid("secretString", "exactly one of secretString and secretBinary must be given")
	}
	for _, property := range []string{"secretString", "secretBinary"} {
		if size := len(c.text(property)); size > secretSize {
			c.fail(property, "expected length of %s to be at most %d bytes, got %d (ValidationException)", property, secretSize, size)
		}
		c.seal(property)
	}
}

func computeSecretVersion(d *draft) {
	d.set("arn", d.text("secretId"))
	d.set("versionId", d.id[strings.LastIndexByte(d.id, '|')+1:])
	if !d.has("versionStages") {
		d.set("versionStages", []any{"AWSCURRENT"})
	}
}

// admitSecret refuses the name of a secret that can still be recovered.
func admitSecret(a *admission) error {
	return a.others(deletedSecretType, func(o *Object) error {
		days, _ := o.Properties["recoveryWindowInDays"].(float64)
		recoverable := time.Since(o.Created) < time.Duration(days)*24*time.Hour
		if recoverable && a.previous == nil && o.text("name") == a.text("name") && o.Region == a.region {
			return refuse("InvalidRequestException", "You can't create this secret because a secret with this name is already scheduled for deletion.")
		}
		return nil
	})
}

// scheduleDeletion keeps a deleted secret for its recovery window.
func scheduleDeletion(_ *Account, o *Object) ([]change, error) {
	days, _ := o.Properties["recoveryWindowInDays"].(float64)
	if days == 0 {
		return nil, nil
	}
	return []change{{Put: &Object{Type: deletedSecretType, ID: o.ID, Region: o.Region, URN: o.URN, Created: time.Now().UTC(),
		Properties: map[string]any{"name": o.text("name"), "arn": o.ID, "recoveryWindowInDays": days}}}}, nil
}
