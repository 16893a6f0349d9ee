package localrun

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// A salt as Pulumi writes it, so that most tests need not derive a key. Its check is not read here.
const testSalt = "v1:AAECAwQFBgc=:v1:AAAA:BBBB"

func writeStackConfig(t *testing.T, source, overrides, previous string) stackConfig {
	t.Helper()
	dir := t.TempDir()
	c := stackConfig{
		source:    filepath.Join(dir, "Pulumi.prod.yaml"),
		overrides: filepath.Join(dir, ".local", "Pulumi.prod.yaml"),
		output:    filepath.Join(dir, ".local", "project", "Pulumi.prod.yaml"),
	}
	for path, text := range map[string]string{c.source: source, c.overrides: overrides, c.output: previous} {
		if text != "" {
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		}
	}
	return c
}

func TestStackConfig(t *testing.T) {
	t.Parallel()
	const previous = "encryptionsalt: " + testSalt + "\n"
	for _, test := range []struct {
		name, source, overrides, want, wantNote, wantErr string
	}{
		{
			name: "no files",
			want: "encryptionsalt: " + testSalt + "\nconfig: {}\n",
		},
		{
			name:   "an empty file",
			source: "# nothing yet\n",
			want:   "encryptionsalt: " + testSalt + "\nconfig: {}\n",
		},
		{
			name: "the secrets provider of AWS deployments is left out",
			source: "secretsprovider: awskms://alias/x\nencryptedkey: abc\nencryptionsalt: v1:mine\n" +
				"config:\n    aws:region: eu-central-1\n",
			want: "encryptionsalt: " + testSalt + "\nconfig:\n    aws:region: eu-central-1\n",
		},
		{
			name:   "values stay as they are written",
			source: "config:\n    a:account: 012345678901\n    a:version: 1.10\n    a:quoted: \"yes\"\n    a:list: [1, 0x10]\n",
			want: "config:\n    a:account: 012345678901\n    a:version: 1.10\n    a:quoted: \"yes\"\n    a:list: [1, 0x10]\n" +
				"encryptionsalt: " + testSalt + "\n",
		},
		{
			name:      "local values count, and can be new",
			source:    "config:\n    a:one: 1\n    a:two: 2\n",
			overrides: "config:\n    a:two: 3\n    a:three: {b: c}\n",
			want:      "config:\n    a:one: 1\n    a:two: 3\n    a:three: {b: c}\nencryptionsalt: " + testSalt + "\n",
		},
		{
			name:     "imported environments are left out, with a note",
			source:   "environment:\n    - shared\nconfig: {}\n",
			want:     "config: {}\nencryptionsalt: " + testSalt + "\n",
			wantNote: "Pulumi.prod.yaml imports",
		},
		{
			name: "secrets that cannot be decrypted are all named, at any depth",
			source: "config:\n    a:token: {secure: abc}\n    a:plain: x\n    a:nested:\n        list:\n            - deep: {secure: abc}\n" +
				"    a:not: {secure: {x: y}}\n",
			wantErr: "cannot decrypt a:nested, a:token",
		},
		{
			name:      "an override of a secret has to be plain text",
			source:    "config:\n    a:token: {secure: abc}\n",
			overrides: "config:\n    a:token: {secure: abc}\n",
			wantErr:   "config a:token: it takes the secret as plain text",
		},
		{name: "not YAML", source: "config: [", wantErr: "Pulumi.prod.yaml: yaml"},
		{name: "not a mapping", source: "- config\n", wantErr: "it takes a mapping"},
		{name: "config is no mapping", source: "config: x\n", wantErr: "config takes a mapping"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := writeStackConfig(t, test.source, test.overrides, previous)
			notes, err := c.write()
			if test.wantErr != "" {
				require.ErrorContains(t, err, test.wantErr)
				assert.Contains(t, err.Error(), "Pulumi.prod.yaml")
				unchanged, err := os.ReadFile(c.output)
				require.NoError(t, err)
				assert.Equal(t, previous, string(unchanged))
				return
			}
			require.NoError(t, err)
			written, err := os.ReadFile(c.output)
			require.NoError(t, err)
			assert.Equal(t, test.want, string(written))
			assert.Contains(t, strings.Join(notes, ""), test.wantNote)
			assert.Equal(t, test.wantNote == "", len(notes) == 0)
			if test.source != "" {
				source, err := os.ReadFile(c.source)
				require.NoError(t, err)
				assert.Equal(t, test.source, string(source), "the committed file stays as it is")
			}
		})
	}
}

func TestOverriddenSecretStaysASecret(t *testing.T) {
	t.Parallel()
	c := writeStackConfig(t, "config:\n    a:token: {secure: abc}\n", "config:\n    a:token: local value\n", "")
	_, err := c.write()
	require.NoError(t, err)
	read := func() (salt, cipher string) {
		var file struct {
			EncryptionSalt string
			Config         map[string]struct{ Secure string }
		}
		data, err := os.ReadFile(c.output)
		require.NoError(t, err)
		require.NoError(t, yaml.Unmarshal(data, &file))
		return file.EncryptionSalt, file.Config["a:token"].Secure
	}
	state, cipher := read()
	parts := strings.SplitN(state, ":", 3)
	require.Len(t, parts, 3)
	salt, err := base64.StdEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	crypter := config.NewSymmetricCrypterFromPassphrase(Passphrase, salt)
	for cipher, want := range map[string]string{parts[2]: "pulumi", cipher: "local value"} {
		plain, err := crypter.DecryptValue(context.Background(), cipher)
		require.NoError(t, err)
		assert.Equal(t, want, plain)
	}

	_, err = c.write()
	require.NoError(t, err)
	again, _ := read()
	assert.Equal(t, state, again, "a second run keeps the salt")
}
