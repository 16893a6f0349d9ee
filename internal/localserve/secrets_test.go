package localserve

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
)

const (
	plainArn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:plain-1a2b3c"
	jsonArn  = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:json-1a2b3c"
)

// store is a Secrets Manager with two secrets.
type store struct{}

func (store) secret(_ context.Context, arn, stage, version string) (string, error) {
	switch {
	case arn == plainArn && version == "v1":
		return "the first one", nil
	case arn == plainArn && version == "" && stage == "":
		return "the current one", nil
	case arn == jsonArn:
		return `{"user": "ann", "port": 5}`, nil
	}
	return "", errNoSecret
}

func TestSecretsAreResolvedAsByECS(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		plainArn:            "the current one",
		plainArn + ":::v1":  "the first one",
		plainArn + ":::":    "the current one",
		jsonArn:             `{"user": "ann", "port": 5}`,
		jsonArn + ":user::": "ann",
		jsonArn + ":port::": "5",
	} {
		got, err := (&secretResolver{store: store{}}).resolve(t.Context(), []secretReference{{"NAME", from}})
		require.NoError(t, err, from)
		assert.Equal(t, map[string]string{"NAME": want}, got, from)
	}
}

func TestSecretsWithoutAValueAreNamed(t *testing.T) {
	t.Parallel()
	resolver := &secretResolver{store: store{}, given: map[string]string{"GIVEN": "by hand"}, givenFile: ".local/secrets.staging.env"}
	got, err := resolver.resolve(t.Context(), []secretReference{
		{"GIVEN", "arn:aws:ssm:eu-west-1:123456789012:parameter/x"},
		{"PARAMETER", "arn:aws:ssm:eu-west-1:123456789012:parameter/x"},
		{"MISSING", plainArn + "4:user::"},
		{"NO_KEY", jsonArn + ":password::"},
		{"NO_JSON", plainArn + ":user::"},
	})
	assert.Equal(t, "by hand", got["GIVEN"])
	require.EqualError(t, err, ""+
		"PARAMETER has no value: arn:aws:ssm:eu-west-1:123456789012:parameter/x: nobody has made this secret here; write PARAMETER=VALUE into .local/secrets.staging.env\n"+
		"MISSING has no value: "+plainArn+"4:user::: nobody has made this secret here; write MISSING=VALUE into .local/secrets.staging.env\n"+
		"NO_KEY has no value: "+jsonArn+`: the secret has no key "password"`+"\n"+
		"NO_JSON has no value: "+plainArn+`: the secret is no JSON object, and its key "user" is asked for`)
}

func TestValuesOfSecrets(t *testing.T) {
	t.Parallel()
	r := &registered{stack: "staging", objects: []localaws.Object{
		object(clusterType, "c", "database", map[string]any{"masterUsername": "owner", "masterUserSecrets": []any{map[string]any{"secretArn": jsonArn}}}),
		object(versionType, plainArn+"|v1", "key", map[string]any{"secretId": plainArn, "versionId": "v1", "versionStages": []any{"AWSCURRENT"}}),
		object(versionType, plainArn+"|v0", "key", map[string]any{"secretId": plainArn, "versionId": "v0", "versionStages": []any{"AWSPREVIOUS"}}),
		object(versionType, "unused", "unused", map[string]any{"secretId": plainArn + "4", "versionStages": []any{"AWSCURRENT"}}),
	}}
	r.services = []service{{definition: taskDefinition{containers: []containerDefinition{{Secrets: []secretReference{{"A", jsonArn + ":password::"}, {"B", plainArn + ":::v1"}}}}}}}
	state := map[string]string{plainArn + "|v1": "generated"}
	read := func(_ context.Context, stack string) (State, error) {
		assert.Equal(t, "staging", stack)
		return State{Secrets: state}, nil
	}
	values, err := r.secretValues(t.Context(), &stateReader{read: read}, map[string]string{"c": "made here"})
	require.NoError(t, err)
	assert.Equal(t, []secretValue{
		{name: "json-1a2b3c", value: `{"password":"made here","username":"owner"}`},
		{name: "plain-1a2b3c", versionID: "v1", value: "generated"},
	}, values)

	delete(state, plainArn+"|v1")
	_, err = r.secretValues(t.Context(), &stateReader{read: read}, nil)
	require.EqualError(t, err, "the state of the stack staging does not have the secret key any more: make up STACK=staging deploys it again")
}

func TestVariablesOfAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secrets.env")
	none, err := readVariables(path)
	require.NoError(t, err)
	assert.Empty(t, none)

	require.NoError(t, os.WriteFile(path, []byte("# of the shop\n\nKEY=a=b\nEMPTY=\n"), 0o600))
	variables, err := readVariables(path)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"KEY": "a=b", "EMPTY": ""}, variables)

	require.NoError(t, os.WriteFile(path, []byte("KEY=1\nhunter2\n"), 0o600))
	_, err = readVariables(path)
	require.EqualError(t, err, path+", line 2: takes NAME=VALUE")
}
