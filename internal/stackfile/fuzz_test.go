package stackfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// FuzzStackFile reads files that somebody has written. What is read has keys that can be looked at, set and removed, and is written so that
// it reads the same.
func FuzzStackFile(f *testing.F) {
	for _, seed := range []string{"config:\n  aws:region: us-east-1\n  slipway:webSecrets:\n    A: {secure: v1:abc}\n", "", "null", "[]", "config: 1", "config: *a", "encryptionsalt: v1:x\nconfig: null\n",
		"config: &a\n  b: *a\n", "config: {a: &a [x, x], b: &b [*a, *a], c: [*b, *b]}", "config:\n  account: 012345678901\n", "? [a, b]\n: c\n", "<<: {config: {a: b}}\n"} {
		f.Add(seed, "aws:region")
	}
	path := filepath.Join(f.TempDir(), "Pulumi.test.yaml")
	f.Fuzz(func(t *testing.T, text, key string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Read(path)
		var values *yaml.Node
		if err == nil {
			values, err = Values(path, file)
		}
		if err != nil {
			if !strings.HasPrefix(err.Error(), path+": ") {
				t.Errorf("the refusal does not name the file: %v", err)
			}
			return
		}
		HasEncrypted(values, nil)

		Set(values, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text})
		if got := Get(values, key); got == nil || got.Value != text {
			t.Errorf("%q is set to %v", key, got)
		}
		for Get(values, key) != nil {
			before := len(values.Content)
			if Remove(values, key); len(values.Content) != before-2 {
				t.Fatalf("%q is not removed", key)
			}
		}
	})
}
