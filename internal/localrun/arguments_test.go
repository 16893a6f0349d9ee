package localrun

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseInvocation(t *testing.T) {
	t.Parallel()
	type want struct{ command, operand, stack, configFile, dir string }
	for _, test := range []struct {
		args []string
		want want
	}{
		{nil, want{}},
		{[]string{"--help"}, want{}},
		{[]string{"up"}, want{command: "up"}},
		{[]string{"update", "-s", "staging"}, want{command: "up", stack: "staging"}},
		{[]string{"up", "--stack=organization/shop/staging"}, want{command: "up", stack: "staging"}},
		{[]string{"up", "-sstaging", "-y"}, want{command: "up", stack: "staging"}},
		{[]string{"up", "-yfs", "staging"}, want{command: "up", stack: "staging"}},
		{[]string{"-C", "examples/web", "pre", "--diff", "-s", "prod"}, want{command: "preview", stack: "prod", dir: "examples/web"}},
		{[]string{"--color", "never", "--cwd=x", "down"}, want{command: "destroy", dir: "x"}},
		{[]string{"up", "-m", "-s", "-s", "staging"}, want{command: "up", stack: "staging"}},
		{[]string{"up", "-r", "-s", "staging", "-t", "urn:x"}, want{command: "up", stack: "staging"}},
		{[]string{"up", "-c", "a=b", "--config-file", "other.yaml"}, want{command: "up", configFile: "other.yaml"}},
		{[]string{"up", "--an-option-of-tomorrow", "-s", "staging"}, want{command: "up", stack: "staging"}},
		{[]string{"import", "-f", "resources.json", "-s", "staging"}, want{command: "import", stack: "staging"}},
		{[]string{"stack"}, want{command: "stack"}},
		{[]string{"stack", "--show-urns", "-s", "staging"}, want{command: "stack", stack: "staging"}},
		{[]string{"stack", "init", "--no-select", "dev"}, want{command: "stack init", operand: "dev"}},
		{[]string{"stack", "select", "-c", "dev"}, want{command: "stack select", operand: "dev"}},
		{[]string{"-s", "staging", "stack", "output", "url", "--json"}, want{command: "stack output", operand: "url", stack: "staging"}},
		{[]string{"stack", "remove", "dev"}, want{command: "stack rm", operand: "dev"}},
		{[]string{"stack", "new", "dev"}, want{command: "stack init", operand: "dev"}},
		{[]string{"config", "set", "key", "value"}, want{command: "config set", operand: "key"}},
		{[]string{"config", "set", "key", "--", "-s"}, want{command: "config set", operand: "key"}},
	} {
		inv, err := parseInvocation(test.args)
		require.NoError(t, err, "%q", test.args)
		assert.Equal(t, test.want, want{inv.command, inv.operand, inv.stack, inv.configFile, inv.dir}, "%q", test.args)
		assert.Equal(t, test.args, inv.args)
	}
}

func TestParseInvocationWithoutAValue(t *testing.T) {
	t.Parallel()
	_, err := parseInvocation([]string{"up", "-s"})
	assert.ErrorContains(t, err, "'s' in -s")
}

func TestFlagsAreAddedWhereTheyCount(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, want []string }{
		{[]string{"up", "--config-file", "a"}, []string{"up", "--config-file", "a", "--config-file", "b"}},
		{[]string{"import", "--", "type"}, []string{"import", "--config-file", "b", "--", "type"}},
	} {
		inv, err := parseInvocation(test.args)
		require.NoError(t, err)
		assert.Equal(t, test.want, inv.with("--config-file", "b"))
		assert.Equal(t, test.args, inv.args, "the user's arguments stay")
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string // "" when it is not refused
	}{
		{[]string{"up", "-s", "staging"}, ""},
		{[]string{"config", "set", "key", "value"}, ""},
		{[]string{"stack", "init", "dev", "--secrets-provider", "passphrase"}, ""},
		{[]string{"stack", "init", "dev", "--secrets-provider", "awskms://alias/x"}, "--secrets-provider awskms://alias/x"},
		{[]string{"up", "--remote"}, "--remote"},
		{[]string{"login", "s3://state"}, "pulumi login"},
		{[]string{"logout"}, "pulumi logout"},
		{[]string{"plugin", "ls"}, ""},
		{[]string{"plugin", "install", "resource", "aws"}, "pulumi plugin install"},
		{[]string{"new", "aws-go"}, "pulumi new"},
		{[]string{"stack", "history", "-s", "staging"}, ""},
		{[]string{"stack", "history", "--show-secrets"}, "stack history --show-secrets"},
		{[]string{"stack", "change-secrets-provider", "awskms://alias/x"}, "stack change-secrets-provider"},
		{[]string{"config", "set", "--secret", "key", "value"}, ".local/Pulumi.STACK.yaml"},
		{[]string{"config", "set-all", "--secret", "key=value"}, "config set-all --secret"},
		{[]string{"config", "copy", "-d", "prod"}, "config cp"},
		{[]string{"config", "refresh"}, "config refresh"},
	} {
		inv, err := parseInvocation(test.args)
		require.NoError(t, err)
		if err := refuse(inv); test.want == "" {
			assert.NoError(t, err, "%q", test.args)
		} else {
			assert.ErrorContains(t, err, test.want, "%q", test.args)
		}
	}
}
