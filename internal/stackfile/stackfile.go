// Package stackfile reads and writes Pulumi's stack configuration files, Pulumi.<stack>.yaml. They are kept as YAML
// nodes, so that each value stays as it is written: decoded and encoded again, the account id 012345678901 would become
// another number.
package stackfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"
)

// Read reads a YAML file that holds a mapping. A file that is missing or empty has no keys.
func Read(path string) (*yaml.Node, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(document.Content) == 0 || document.Content[0].Tag == "!!null" {
		return &yaml.Node{Kind: yaml.MappingNode}, nil
	}
	if document.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: it takes a mapping with the key config", path)
	}
	return document.Content[0], nil
}

// Write replaces the file as a whole: whoever reads it meanwhile sees the old one or the new one.
func Write(path string, value any) error {
	data, err := yaml.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".writing-")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // gone already when it was renamed
	if _, err := temp.Write(data); err != nil {
		temp.Close()
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// Values are the values of a file by key. path is for the error.
func Values(path string, file *yaml.Node) (*yaml.Node, error) {
	values := Get(file, "config")
	if values == nil || values.Tag == "!!null" {
		return &yaml.Node{Kind: yaml.MappingNode}, nil
	}
	if values.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: config takes a mapping of keys to values", path)
	}
	return values, nil
}

// IsEncrypted tells whether Pulumi reads the value as a ciphertext: a mapping with nothing but "secure".
func IsEncrypted(value *yaml.Node) bool {
	return value.Kind == yaml.MappingNode && len(value.Content) == 2 &&
		value.Content[0].Value == "secure" && value.Content[1].Kind == yaml.ScalarNode
}

// HasEncrypted tells whether something encrypted is in the value, at any depth. What except holds for is not looked at;
// nil for nothing.
func HasEncrypted(value *yaml.Node, except func(*yaml.Node) bool) bool {
	seen := map[*yaml.Node]bool{} // an alias may stand for what it is in itself
	var has func(*yaml.Node) bool
	has = func(value *yaml.Node) bool {
		if seen[value] || except != nil && except(value) {
			return false
		}
		seen[value] = true
		if IsEncrypted(value) {
			return true
		}
		if value.Kind == yaml.AliasNode {
			return has(value.Alias)
		}
		return slices.ContainsFunc(value.Content, has)
	}
	return has(value)
}

// Get returns the value of a mapping's key, nil for none.
func Get(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// Text is a mapping's value for a key where that is a text; "" where it is none.
func Text(mapping *yaml.Node, key string) string {
	if value := Get(mapping, key); value != nil {
		return value.Value
	}
	return ""
}

// Set sets a mapping's key.
func Set(mapping *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content[i+1] = value
			return
		}
	}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
}

// Remove removes a mapping's key.
func Remove(mapping *yaml.Node, key string) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content = slices.Delete(mapping.Content, i, i+2)
			return
		}
	}
}
