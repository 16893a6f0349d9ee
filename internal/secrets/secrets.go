// Package secrets keeps the secrets of a stack that people set: their values in Secrets Manager, and in the stack's configuration who
// they are for. No value is ever printed, or known to Pulumi.
package secrets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"slipway/internal/awsaccess"
	"slipway/internal/localrun"
	"slipway/internal/operate"
	"slipway/internal/owned"
	"slipway/internal/stackfile"
	"slipway/internal/stacks"
)

// configKey is the configuration that gives the application its secrets: an object of variables and ARNs.
const configKey = "webSecrets"

// Secrets are those of one stack.
type Secrets struct {
	// Stack is what runs, by the stack's outputs. One that was never deployed runs nothing.
	Stack operate.Stack
	// Configured are the references of the stack's configuration by the variable that the application finds the secret in.
	Configured map[string]Reference

	Project    string
	ProjectDir string
	AWS        aws.Config
	Stderr     io.Writer
	// Pause is the time between two looks at a deployment. Patience is for how long it is waited for.
	Pause, Patience time.Duration

	place   *stacks.AWS
	ecs     *ecs.Client
	manager *secretsmanager.Client
}

// Open finds a stack of the project in projectDir, also one that is not deployed yet.
func Open(ctx context.Context, projectDir, project, name string, stderr io.Writer) (*Secrets, error) {
	s := &Secrets{Project: project, ProjectDir: projectDir, Stderr: stderr, Pause: 5 * time.Second, Patience: 30 * time.Minute, place: &stacks.AWS{ProjectDir: projectDir}}
	if err := s.readOutputs(ctx, name); err != nil {
		if embedded, lookupErr := localrun.IsDeployed(projectDir, name); lookupErr == nil && embedded {
			return nil, fmt.Errorf("the stack %s is on the embedded AWS of this machine alone; secrets are set for stacks on AWS. `slipway local serve %[1]s` runs it here", name)
		}
		return nil, err
	}
	values, err := localrun.ConfigValues(projectDir, name)
	if err != nil {
		return nil, err
	}
	if s.Configured, err = configured(stackfile.Get(values, project+":"+configKey)); err != nil {
		return nil, err
	}
	access := awsaccess.OfConfiguration(values)
	if s.AWS, err = access.Config(ctx, "slipway-secrets"); err != nil {
		return nil, err
	}
	if s.AWS.Region == "" {
		return nil, fmt.Errorf("the stack %s has no region: pulumi config set aws:region us-east-1 -s %[1]s, for example", name)
	}
	s.ecs, s.manager = ecs.NewFromConfig(s.AWS), secretsmanager.NewFromConfig(s.AWS)
	return s, nil
}

func (s *Secrets) readOutputs(ctx context.Context, name string) error {
	s.Stack.Name = name
	out, err := s.pulumi(ctx, "stack", "output", "--json", "-s", name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, &s.Stack); err != nil {
		return fmt.Errorf("the outputs of %s: %w", name, err)
	}
	var outputs map[string]any
	if err := json.Unmarshal(out, &outputs); err == nil && len(outputs) > 0 && s.Stack.Services == nil {
		return fmt.Errorf("the stack %s has no output services: it is no environment, or was deployed by an older version of the program; pulumi up -s %[1]s gives an environment that output", name)
	}
	return nil
}

// pulumi runs a command of the user's pulumi.
func (s *Secrets) pulumi(ctx context.Context, args ...string) ([]byte, error) {
	var heard bytes.Buffer
	out, err := s.place.Output(ctx, &heard, args...)
	if err != nil && heard.Len() > 0 {
		if strings.Contains(heard.String(), "PULUMI_ACCESS_TOKEN must be set") {
			return nil, errors.New("pulumi is not logged in to where the state is: pulumi login s3://..., which slipway bootstrap makes")
		}
		lines := strings.Split(strings.TrimSpace(heard.String()), "\n")
		return nil, fmt.Errorf("pulumi %s: %s", strings.Join(args[:2], " "), strings.TrimPrefix(lines[len(lines)-1], "error: "))
	}
	return out, err
}

func (s *Secrets) say(format string, args ...any) {
	fmt.Fprintf(s.Stderr, "slipway: "+format+"\n", args...)
}

// tag is the value of owned.StackTag.
func (s *Secrets) tag() string { return owned.Stack(s.Project, s.Stack.Name) }

// fullName is what a secret of the stack is called in Secrets Manager.
func (s *Secrets) fullName(name string) string {
	return s.Project + "/" + s.Stack.Name + "/" + name
}
