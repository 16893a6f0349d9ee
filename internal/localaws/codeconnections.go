package localaws

import (
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codeconnections"
)

const connectionType = "aws:codeconnections/connection:Connection"

// codeConnectionsKinds are the resource types of CodeConnections.
func codeConnectionsKinds() []*kind {
	return []*kind{
		of(codeconnections.ConnectionArgs{}, codeconnections.Connection{}, kind{service: "CodeConnections", noun: "Connection",
			id:      func(d *draft) string { return d.arn("codeconnections", "connection/"+d.uuid()) },
			named:   &naming{property: "name", most: 32},
			replace: []string{"name", "hostArn", "providerType"}, check: checkConnection, compute: computeConnection}),
	}
}

// connectionProviders are whose repositories a connection reaches, as far as pulumi-aws v6 knows them.
var connectionProviders = []string{"Bitbucket", "GitHub", "GitHubEnterpriseServer", "GitLab", "GitLabSelfManaged"}

var hostArn = regexp.MustCompile(`^arn:aws(-\w+)*:(codestar-connections|codeconnections):.+:\d{12}:host/.+`)

func checkConnection(c *checking) {
	if name := c.text("name"); len(name) > 32 {
		c.fail("name", "a connection's name takes 1 to 32 characters, got %d: %q (ValidationException)", len(name), name)
	}
	c.oneOf("providerType", connectionProviders...)
	if host := c.text("hostArn"); host != "" && !hostArn.MatchString(host) {
		c.fail("hostArn", "a host's ARN ends in host/ and its id, got %q (ValidationException)", host)
	}
	if c.has("providerType") == c.has("hostArn") {
		c.fail("providerType", "exactly one of providerType and hostArn must be given (InvalidInputException)")
	}
}

// computeConnection says that nobody has completed the handshake in the console yet, which only a person can.
func computeConnection(d *draft) {
	d.set("arn", d.id)
	d.set("connectionStatus", "PENDING")
	d.set("ownerAccountId", d.accountID)
	if !d.has("providerType") && !d.value("hostArn").IsNull() {
		d.set("providerType", "GitHubEnterpriseServer")
	}
}
