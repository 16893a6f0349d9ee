package localrun

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"gopkg.in/yaml.v3"

	"slipway/internal/stackfile"
)

// stackConfig makes the configuration of a stack's local runs out of the one that is committed.
//
// The committed file cannot be used as it is: Pulumi would write the salt of the local passphrase into it, and would
// ask the secrets provider that it names, an AWS KMS key for example.
type stackConfig struct {
	source    string // the committed file; it may be missing
	overrides string // configuration of local runs only; it may be missing
	output    string // what local runs use, written anew by every run
}

// write writes the configuration of local runs. What the user should know about it is returned as notes.
//
// A value of the overrides counts instead of the source's. Where the source's is encrypted, the override is encrypted
// with the local passphrase, so that it is a secret to the program and in the state as it is in AWS.
func (c stackConfig) write() (notes []string, err error) {
	source, err := stackfile.Read(c.source)
	if err != nil {
		return nil, err
	}
	overrides, err := stackfile.Read(c.overrides)
	if err != nil {
		return nil, err
	}
	values, err := stackfile.Values(c.source, source)
	if err != nil {
		return nil, err
	}
	localValues, err := stackfile.Values(c.overrides, overrides)
	if err != nil {
		return nil, err
	}
	salt, err := c.salt()
	if err != nil {
		return nil, err
	}
	if err := override(values, localValues, salt); err != nil {
		return nil, fmt.Errorf("%s: %w", c.overrides, err)
	}
	if encrypted := encryptedKeys(values, salt.encrypted); len(encrypted) > 0 {
		return nil, c.cannotDecrypt(encrypted)
	}
	if stackfile.Get(source, "environment") != nil {
		notes = append(notes, fmt.Sprintf("the environments that %s imports are in Pulumi Cloud and are not read; "+
			"put the values that the program needs into %s", filepath.Base(c.source), c.overrides))
	}
	for _, key := range []string{"secretsprovider", "encryptedkey", "environment"} {
		stackfile.Remove(source, key)
	}
	stackfile.Set(source, "encryptionsalt", &yaml.Node{Kind: yaml.ScalarNode, Value: salt.state})
	stackfile.Set(source, "config", values)
	return notes, stackfile.Write(c.output, source)
}

func (c stackConfig) cannotDecrypt(keys []string) error {
	message := fmt.Sprintf("%s: local runs cannot decrypt %s: the secrets provider of AWS deployments is not asked. "+
		"Give values for local runs in %s, as plain text:\n\nconfig:\n", c.source, strings.Join(keys, ", "), c.overrides)
	for _, key := range keys {
		message += fmt.Sprintf("  %s: a value for local runs\n", key)
	}
	return errors.New(message)
}

// encryption is the passphrase encryption of a local stack's configuration.
type encryption struct {
	state     string // what Pulumi calls encryptionsalt: "v1:<salt>:<the word pulumi, encrypted>"
	crypter   config.Crypter
	encrypted map[*yaml.Node]bool // the values that are encrypted with it
}

// salt is that of the run before, so that the state's secrets do not change with every run; or else a new one.
func (c stackConfig) salt() (*encryption, error) {
	previous, err := stackfile.Read(c.output)
	if err != nil {
		return nil, err
	}
	if node := stackfile.Get(previous, "encryptionsalt"); node != nil {
		return &encryption{state: node.Value, encrypted: map[*yaml.Node]bool{}}, nil
	}
	salt := make([]byte, 8)
	if _, err := rand.Read(salt); err != nil {
		return nil, err
	}
	crypter := config.NewSymmetricCrypterFromPassphrase(Passphrase, salt)
	check, err := crypter.EncryptValue(context.Background(), "pulumi")
	if err != nil {
		return nil, err
	}
	return &encryption{
		state:     fmt.Sprintf("v1:%s:%s", base64.StdEncoding.EncodeToString(salt), check),
		crypter:   crypter,
		encrypted: map[*yaml.Node]bool{},
	}, nil
}

// encrypt makes the value that Pulumi reads as a secret. Deriving the key takes a third of a second: only runs that
// override a secret pay for it.
func (e *encryption) encrypt(plain string) (*yaml.Node, error) {
	if e.crypter == nil {
		parts := strings.SplitN(e.state, ":", 3)
		if len(parts) != 3 {
			return nil, fmt.Errorf("encryptionsalt is %q; it takes v1:SALT:CHECK", e.state)
		}
		salt, err := base64.StdEncoding.DecodeString(parts[1])
		if err != nil {
			return nil, fmt.Errorf("encryptionsalt: %w", err)
		}
		e.crypter = config.NewSymmetricCrypterFromPassphrase(Passphrase, salt)
	}
	cipher, err := e.crypter.EncryptValue(context.Background(), plain)
	if err != nil {
		return nil, err
	}
	node := &yaml.Node{Kind: yaml.MappingNode}
	stackfile.Set(node, "secure", &yaml.Node{Kind: yaml.ScalarNode, Value: cipher})
	e.encrypted[node] = true
	return node, nil
}

// override puts the local values in the place of those with the same key.
func override(values, local *yaml.Node, salt *encryption) error {
	for i := 0; i+1 < len(local.Content); i += 2 {
		key, value := local.Content[i].Value, local.Content[i+1]
		if previous := stackfile.Get(values, key); previous != nil && stackfile.IsEncrypted(previous) {
			if value.Kind != yaml.ScalarNode {
				return fmt.Errorf("config %s: it takes the secret as plain text", key)
			}
			encrypted, err := salt.encrypt(value.Value)
			if err != nil {
				return fmt.Errorf("config %s: %w", key, err)
			}
			value = encrypted
		}
		stackfile.Set(values, key, value)
	}
	return nil
}

// encryptedKeys are the keys whose values hold something encrypted, at any depth, but not by the local passphrase.
func encryptedKeys(values *yaml.Node, local map[*yaml.Node]bool) []string {
	var keys []string
	for i := 0; i+1 < len(values.Content); i += 2 {
		if stackfile.HasEncrypted(values.Content[i+1], func(value *yaml.Node) bool { return local[value] }) {
			keys = append(keys, values.Content[i].Value)
		}
	}
	slices.Sort(keys)
	return keys
}
