package secrets

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Reference names a secret, or one key of one whose value is a JSON object.
type Reference struct {
	ARN string
	// Key is the JSON key; "" for the whole value.
	Key string
	// Version is a version's id, where the reference is to that very value.
	Version string
}

// IsParameter tells that it is not in Secrets Manager but a parameter of Systems Manager.
func (r Reference) IsParameter() bool { return !strings.Contains(r.ARN, ":secretsmanager:") }

// arnParts is how many parts an ARN of a secret has before the key, the stage and the version that ECS takes after it.
const arnParts = 7

// ofContainer reads valueFrom of a container's secret: an ARN with :key:stage:version after it, or the name of a parameter.
func ofContainer(valueFrom string) Reference {
	parts := strings.Split(valueFrom, ":")
	if !strings.Contains(valueFrom, ":secretsmanager:") || len(parts) <= arnParts {
		return Reference{ARN: valueFrom}
	}
	reference := Reference{ARN: strings.Join(parts[:arnParts], ":"), Key: parts[arnParts]}
	if len(parts) > arnParts+2 {
		reference.Version = parts[arnParts+2]
	}
	return reference
}

// configured reads the object in the configuration.
func configured(object *yaml.Node) (map[string]Reference, error) {
	references := map[string]Reference{}
	if object == nil || object.Tag == "!!null" {
		return references, nil
	}
	var texts map[string]string
	if err := object.Decode(&texts); err != nil {
		return nil, fmt.Errorf("%s in the stack's configuration takes an object such as {STRIPE_KEY: arn:aws:secretsmanager:...}: %w", configKey, err)
	}
	for variable, text := range texts {
		arn, key, _ := strings.Cut(text, "#")
		references[variable] = Reference{ARN: arn, Key: key}
	}
	return references, nil
}
