package localaws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const someHost = "arn:aws:codeconnections:us-east-1:123456789012:host/ghe-0123abcd"

func TestConnectionCheck(t *testing.T) {
	t.Parallel()
	checkAll(t, map[string]checkCase{
		"a provider that is none":   {connectionType, map[string]any{"providerType": "Gitea"}, "providerType: expected providerType to be one of"},
		"neither provider nor host": {connectionType, map[string]any{"name": "git"}, "providerType: exactly one of providerType and hostArn must be given (InvalidInputException)"},
		"a provider and a host":     {connectionType, map[string]any{"providerType": "GitHub", "hostArn": someHost}, "providerType: exactly one of providerType and hostArn"},
		"a host that is none":       {connectionType, map[string]any{"hostArn": "arn:aws:codeconnections:us-east-1:123456789012:connection/x"}, "hostArn: a host's ARN"},
	})
	for name, inputs := range map[string]map[string]any{
		"a name of 32": {"name": strings.Repeat("a", 32), "providerType": "GitLab"},
		"a host":       {"hostArn": someHost},
	} {
		_, failures := newEmbedded(t).check(connectionType, "x", inputs)
		assert.Empty(t, failures, name)
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	connection := e.deploy(connectionType, "git", map[string]any{"providerType": "GitHub"})
	assert.Regexp(t, `^git-[0-9a-f]{7}$`, connection.text("name"))
	assert.Regexp(t, `^arn:aws:codeconnections:us-east-1:123456789012:connection/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, connection.id)
	assert.Equal(t, connection.id, connection.text("arn"))
	assert.Equal(t, "PENDING", connection.text("connectionStatus"), "a person has to complete the handshake")
	assert.Equal(t, AccountID, connection.text("ownerAccountId"))
	assert.Equal(t, []string{"providerType"}, connection.replaces(map[string]any{"providerType": "Bitbucket"}))
	assert.Empty(t, connection.replaces(map[string]any{"providerType": "GitHub", "tags": map[string]any{"a": "b"}}))
}
