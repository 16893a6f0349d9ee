package localserve

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"slipway/internal/localaws"
)

// secretValue is what a secret holds. Its name in moto is the end of the ARN that is registered: moto makes ARNs of its own, and
// takes one without their random end for the name.
type secretValue struct {
	name      string
	versionID string // "" for moto's own choice
	value     string
}

func motoSecretName(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

// stateReader reads the state of each stack once, and only when something of it is needed.
type stateReader struct {
	read  func(ctx context.Context, stack string) (State, error)
	known map[string]State
}

func (s *stateReader) of(ctx context.Context, o localaws.Object) (State, error) {
	stack := stackOf(o)
	state, ok := s.known[stack]
	if !ok {
		var err error
		if state, err = s.read(ctx, stack); err != nil {
			return state, fmt.Errorf("the state of the stack %s: %w", stack, err)
		}
		if s.known == nil {
			s.known = map[string]State{}
		}
		s.known[stack] = state
	}
	return state, nil
}

// secretValues are the values of the secrets that the containers use. The embedded AWS keeps digests only; the values that
// Pulumi generated are in the state, encrypted. The database's is RDS's own, and is made here anew at each start.
func (r *registered) secretValues(ctx context.Context, states *stateReader, databasePasswords map[string]string) ([]secretValue, error) {
	var values []secretValue
	for _, o := range r.objects {
		switch {
		case o.Type == clusterType:
			for _, arn := range masterSecrets(o) {
				if !r.uses(arn) {
					continue
				}
				value, err := json.Marshal(map[string]string{"username": text(o, "masterUsername"), "password": databasePasswords[o.ID]})
				if err != nil {
					return nil, err
				}
				values = append(values, secretValue{name: motoSecretName(arn), value: string(value)})
			}
		case o.Type == versionType && r.uses(text(o, "secretId")) && isCurrent(o):
			state, err := states.of(ctx, o)
			if err != nil {
				return nil, err
			}
			value, ok := state.Secrets[o.ID]
			if !ok {
				return nil, fmt.Errorf("the state of the stack %s does not have the secret %s any more: make up STACK=%[1]s deploys it again", stackOf(o), logicalName(o))
			}
			values = append(values, secretValue{motoSecretName(text(o, "secretId")), text(o, "versionId"), value})
		}
	}
	return values, nil
}

// uses tells whether a container refers to the secret, as one of its secrets or by a variable that has its ARN.
func (r *registered) uses(arn string) bool {
	for _, s := range r.services {
		for _, c := range s.definition.containers {
			for _, secret := range c.Secrets {
				if secret.ValueFrom == arn || strings.HasPrefix(secret.ValueFrom, arn+":") {
					return true
				}
			}
			for _, variable := range c.Environment {
				if variable.Value == arn {
					return true
				}
			}
		}
	}
	return false
}

func masterSecrets(cluster localaws.Object) (arns []string) {
	var secrets []struct{ SecretArn string }
	if reread(cluster.Properties["masterUserSecrets"], &secrets) == nil {
		for _, s := range secrets {
			arns = append(arns, s.SecretArn)
		}
	}
	return arns
}

func isCurrent(version localaws.Object) bool {
	var stages []string
	return reread(version.Properties["versionStages"], &stages) == nil && slices.Contains(stages, "AWSCURRENT")
}

// valueFrom is what ECS understands: arn[:key[:stage[:version]]].
type valueFrom struct{ arn, key, stage, version string }

func parseValueFrom(text string) (valueFrom, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 7 || parts[2] != "secretsmanager" || len(parts) > 10 {
		return valueFrom{}, fmt.Errorf("%s is no secret in Secrets Manager", text)
	}
	parts = append(parts, "", "", "")[:10]
	return valueFrom{strings.Join(parts[:7], ":"), parts[7], parts[8], parts[9]}, nil
}

// secretStore is a Secrets Manager.
type secretStore interface {
	secret(ctx context.Context, arn, stage, version string) (string, error)
}

// errNoSecret says that there is no such secret.
var errNoSecret = errors.New("nobody has made this secret here")

// secretResolver fills in what ECS fills in when a container starts.
type secretResolver struct {
	store secretStore
	// given are values by the names of variables, for secrets that no stack has made.
	given map[string]string
	// givenFile is where they come from, for messages.
	givenFile string

	mu    sync.Mutex
	known map[string]string // what the store has said, by valueFrom
}

// resolve returns the variables of a container's secrets. An error names all that have no value.
func (s *secretResolver) resolve(ctx context.Context, references []secretReference) (map[string]string, error) {
	values := map[string]string{}
	var missing []error
	for _, reference := range references {
		value, err := s.value(ctx, reference)
		if err != nil {
			missing = append(missing, fmt.Errorf("%s has no value: %w", reference.Name, err))
		}
		values[reference.Name] = value
	}
	return values, errors.Join(missing...)
}

func (s *secretResolver) value(ctx context.Context, reference secretReference) (string, error) {
	if value, ok := s.given[reference.Name]; ok {
		return value, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if value, ok := s.known[reference.ValueFrom]; ok {
		return value, nil
	}
	toGive := fmt.Errorf("%s: %w; write %s=VALUE into %s", reference.ValueFrom, errNoSecret, reference.Name, s.givenFile)
	from, err := parseValueFrom(reference.ValueFrom)
	if err != nil {
		return "", toGive // a parameter of Systems Manager: no stack makes one
	}
	value, err := s.store.secret(ctx, from.arn, from.stage, from.version)
	switch {
	case errors.Is(err, errNoSecret):
		return "", toGive
	case err != nil:
		return "", err
	}
	if from.key != "" {
		if value, err = jsonKey(value, from.key); err != nil {
			return "", fmt.Errorf("%s: %w", from.arn, err)
		}
	}
	if s.known == nil {
		s.known = map[string]string{}
	}
	s.known[reference.ValueFrom] = value
	return value, nil
}

// jsonKey is what a secret that is a JSON object has under a key. The error does not show the secret.
func jsonKey(secret, key string) (string, error) {
	var object map[string]any
	if json.Unmarshal([]byte(secret), &object) != nil {
		return "", fmt.Errorf("the secret is no JSON object, and its key %q is asked for", key)
	}
	value, ok := object[key]
	if !ok {
		return "", fmt.Errorf("the secret has no key %q", key)
	}
	if text, ok := value.(string); ok {
		return text, nil
	}
	encoded, err := json.Marshal(value)
	return string(encoded), err
}

// readVariables reads a file of lines NAME=VALUE; lines that begin with # are comments. A file that is not there has none.
func readVariables(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	variables := map[string]string{}
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%s, line %d: takes NAME=VALUE", path, n)
		}
		variables[name] = value
	}
	return variables, lines.Err()
}
