package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"slipway/internal/limits"
	"slipway/internal/stackfile"
)

// configuration is that of one stack: files, of which the values of later ones count.
type configuration struct {
	paths  []string
	files  []*yaml.Node
	values []*yaml.Node // of each file, by key
	prefix string       // of the project's own keys
}

func readConfiguration(paths []string, project string) (*configuration, error) {
	c := &configuration{paths: paths, prefix: project + ":"}
	for _, path := range paths {
		file, err := stackfile.Read(path)
		if err != nil {
			return nil, err
		}
		values, err := stackfile.Values(path, file)
		if err != nil {
			return nil, err
		}
		c.files, c.values = append(c.files, file), append(c.values, values)
	}
	return c, nil
}

// isEmpty tells whether the first file, the one that makes a stack, sets nothing.
func (c *configuration) isEmpty() bool { return len(c.values[0].Content) == 0 }

// get is the value that counts, nil for none.
func (c *configuration) get(key string) *yaml.Node {
	for i := len(c.values) - 1; i >= 0; i-- {
		if value := stackfile.Get(c.values[i], key); value != nil {
			return value
		}
	}
	return nil
}

// text is one of the project's own keys, "" for none.
func (c *configuration) text(key string) string {
	if value := c.get(c.prefix + key); value != nil {
		return value.Value
	}
	return ""
}

// profile is the AWS profile that the stack is deployed with; "" for that of the environment.
func (c *configuration) profile() string {
	if value := c.get("aws:profile"); value != nil {
		return value.Value
	}
	return ""
}

// remove removes the project's own keys.
func (c *configuration) remove(keys ...string) {
	for _, values := range c.values {
		for _, key := range keys {
			stackfile.Remove(values, c.prefix+key)
		}
	}
}

// set sets one of the project's own keys.
func (c *configuration) set(key, value, tag string) {
	c.remove(key)
	stackfile.Set(c.values[0], c.prefix+key, &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value})
}

const (
	yamlString = "!!str"
	yamlBool   = "!!bool"
)

// tagsKey is Pulumi's own key for the tags of a stack. Pulumi Cloud takes them from there with every update. In the
// file they tell a test environment's configuration from one that somebody has written.
const tagsKey = "pulumi:tags"

// isEnvironment tells whether the file was made for a test environment.
func (c *configuration) isEnvironment() bool {
	tags := c.get(tagsKey)
	return tags != nil && tags.Kind == yaml.MappingNode && stackfile.Get(tags, kindTag) != nil
}

// become turns the configuration of a stack into that of a test environment beside it: what both would have is changed,
// and so is what the environment has no use for.
func (c *configuration) become(name string, o origin) {
	c.remove("staticDomain", "staticHostedZone")
	c.remove("domainWildcard", "databaseDataApi") // for environments that share the stack's parts
	c.remove("alarmEmails")                       // each environment would ask those people to subscribe
	domain := c.text("domain")
	switch {
	case o.kind == Shared:
		c.remove("domain", "hostedZone")
		c.set("sharedWith", o.from, yamlString)
		c.set("staticSite", "false", yamlBool)
	case domain != "":
		if c.text("hostedZone") == "" {
			c.set("hostedZone", limits.ParentDomain(domain), yamlString)
		}
		c.set("domain", name+"."+domain, yamlString)
	}
	tags := &yaml.Node{Kind: yaml.MappingNode}
	if previous := c.get(tagsKey); previous != nil && previous.Kind == yaml.MappingNode {
		tags.Content = slices.Clone(previous.Content)
	}
	stackfile.Set(tags, kindTag, &yaml.Node{Kind: yaml.ScalarNode, Value: string(o.kind)})
	stackfile.Set(tags, fromTag, &yaml.Node{Kind: yaml.ScalarNode, Value: o.from})
	for _, values := range c.values {
		stackfile.Remove(values, tagsKey)
	}
	stackfile.Set(c.values[0], tagsKey, tags)
}

// takeEncrypted removes what is encrypted for the stack that it was read from, and returns its keys.
func (c *configuration) takeEncrypted() (keys []string) {
	for _, values := range c.values {
		for i := 0; i+1 < len(values.Content); {
			if key := values.Content[i].Value; stackfile.HasEncrypted(values.Content[i+1], nil) {
				stackfile.Remove(values, key)
				keys = append(keys, key)
				continue
			}
			i += 2
		}
	}
	return keys
}

// The keys of a file by which Pulumi decrypts its values. They belong to one stack.
var encryptionKeys = []string{"secretsprovider", "encryptedkey", "encryptionsalt"}

// encryption are those keys of the first file.
func (c *configuration) encryption() map[string]string {
	found := map[string]string{}
	for _, key := range encryptionKeys {
		if value := stackfile.Get(c.files[0], key); value != nil {
			found[key] = value.Value
		}
	}
	return found
}

// write writes each file to the path of the same place in the list. Only the first is written when there is nothing in it
// or a file is there.
func (c *configuration) write(paths []string, encryption map[string]string) error {
	for i, file := range c.files {
		for _, key := range encryptionKeys {
			stackfile.Remove(file, key)
		}
		if i == 0 {
			for key, value := range encryption {
				stackfile.Set(file, key, &yaml.Node{Kind: yaml.ScalarNode, Value: value})
			}
		} else if _, err := os.Stat(paths[i]); err == nil || len(c.values[i].Content) == 0 {
			continue
		}
		stackfile.Set(file, "config", c.values[i])
		withoutComments(file)
		file.HeadComment = "# A test environment's, made by slipway env up. It is not committed."
		if err := stackfile.Write(paths[i], file); err != nil {
			return fmt.Errorf("the configuration of the environment: %w", err)
		}
	}
	return nil
}

// withoutComments removes what was said of another stack.
func withoutComments(node *yaml.Node) {
	node.HeadComment, node.LineComment, node.FootComment = "", "", ""
	for _, child := range node.Content {
		withoutComments(child)
	}
}

// fileNames are the files' names, for messages.
func (c *configuration) fileNames() string {
	var names []string
	for _, path := range c.paths {
		if _, err := os.Stat(path); err == nil {
			names = append(names, filepath.Base(path))
		}
	}
	return strings.Join(names, " and ")
}
