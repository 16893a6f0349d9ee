// Package operate knows what a deployed stack runs and where: by the stack's outputs, and by what ECS says of its services.
// The commands that look after it stand on this: one-off tasks, shells, logs and the status.
package operate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"slipway/internal/awsaccess"
	"slipway/internal/localrun"
	"slipway/internal/stacks"
)

// Stack is what a deployed stack says of itself in its outputs.
type Stack struct {
	Name string `json:"-"`
	// Services and Queues are by the names that people use: web and workers, queue.
	Services map[string]Service `json:"services"`
	Queues   map[string]Queue   `json:"queues"`
	Database struct {
		ClusterArn string `json:"clusterArn"`
	} `json:"database"`
	// Alarms are those that tell people.
	Alarms struct {
		Names []string `json:"names"`
	} `json:"alarms"`
	WebUrl string `json:"webUrl"`
}

// Service is where a service is.
type Service struct {
	ClusterArn string `json:"clusterArn"`
	Service    string `json:"service"`
	// Container is the application's in each task.
	Container string `json:"container"`
	LogGroup  string `json:"logGroup"`
	// TargetGroupArn is empty for a service without requests.
	TargetGroupArn string `json:"targetGroupArn"`
}

// Queue is where a queue is.
type Queue struct {
	Url string `json:"url"`
	// DeadLetterUrl is empty for a queue without.
	DeadLetterUrl string `json:"deadLetterUrl"`
}

// Deployed is a stack on AWS, and the way to it.
type Deployed struct {
	Stack
	// AWS is the configuration of clients, in the stack's region.
	AWS aws.Config
}

// Open finds a stack of the project in projectDir. session names the work in CloudTrail where a role is taken on.
func Open(ctx context.Context, projectDir, name, session string) (*Deployed, error) {
	place := &stacks.AWS{ProjectDir: projectDir}
	stack, err := Read(ctx, place, name)
	if err != nil {
		if embedded, lookupErr := localrun.IsDeployed(projectDir, name); lookupErr == nil && embedded {
			return nil, &EmbeddedError{Stack: name}
		}
		return nil, err
	}
	values, err := localrun.ConfigValues(projectDir, name)
	if err != nil {
		return nil, err
	}
	access := awsaccess.OfConfiguration(values)
	if access.Region, err = stack.region(); err != nil {
		return nil, err
	}
	cfg, err := access.Config(ctx, session)
	return &Deployed{Stack: *stack, AWS: cfg}, err
}

// EmbeddedError is about a stack that only the embedded AWS has.
type EmbeddedError struct{ Stack string }

func (e *EmbeddedError) Error() string {
	return fmt.Sprintf("the stack %s is on the embedded AWS of this machine alone, which keeps what exists and runs nothing; `slipway local serve %[1]s` runs it here, `slipway local run %[1]s -- COMMAND` a command beside it", e.Stack)
}

// Read reads the outputs of a stack.
func Read(ctx context.Context, place stacks.Place, name string) (*Stack, error) {
	var heard bytes.Buffer
	out, err := place.Output(ctx, &heard, "stack", "output", "--json", "-s", name)
	if err != nil {
		said := complaint(heard.String())
		if words := awsaccess.InWords(said); words != "" {
			return nil, fmt.Errorf("the outputs of %s: pulumi could not read its state: %s", name, words)
		}
		if said != "" {
			return nil, fmt.Errorf("the outputs of %s: pulumi says: %s", name, said)
		}
		return nil, fmt.Errorf("the outputs of %s: %w", name, err)
	}
	return parse(out, name)
}

// complaint is the line of pulumi's that says what is wrong.
func complaint(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	for _, line := range lines {
		if text, found := strings.CutPrefix(strings.TrimSpace(line), "error: "); found {
			return text
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}

func parse(outputs []byte, name string) (*Stack, error) {
	stack := Stack{Name: name}
	var there map[string]json.RawMessage
	if err := json.Unmarshal(outputs, &there); err != nil {
		return nil, fmt.Errorf("the outputs of %s: %w", name, err)
	}
	again := "deploy it with this version of the program: pulumi up -s " + name
	switch {
	case len(there) == 0:
		return nil, fmt.Errorf("the stack %s is not deployed: it has no outputs; pulumi up -s %[1]s", name)
	case there["services"] == nil:
		return nil, fmt.Errorf("the stack %s has no output services: it is no environment, or was deployed by an older version of the program; pulumi up -s %[1]s gives an environment that output", name)
	}
	if err := json.Unmarshal(outputs, &stack); err != nil {
		return nil, fmt.Errorf("the outputs of %s are not those of this version; %s: %w", name, again, err)
	}
	for _, service := range stack.ServiceNames() {
		if at := stack.Services[service]; at.ClusterArn == "" || at.Service == "" || at.Container == "" || at.LogGroup == "" {
			return nil, fmt.Errorf("the output services of %s lacks parts of %s; %s", name, service, again)
		}
	}
	return &stack, nil
}

// ServiceNames are in the order of the alphabet.
func (s *Stack) ServiceNames() []string { return slices.Sorted(maps.Keys(s.Services)) }

// Find is the service that a person means: by its name, or by that of its container.
func (s *Stack) Find(named string) (name string, service Service, err error) {
	for _, name := range s.ServiceNames() {
		if service := s.Services[name]; name == named || service.Container == named {
			return name, service, nil
		}
	}
	return "", Service{}, &localrun.UsageError{Err: fmt.Errorf("the stack %s has no service %q; it has %s", s.Name, named, strings.Join(s.ServiceNames(), ", "))}
}

// Cluster is the ARN of the cluster that all services of the stack are in.
func (s *Stack) Cluster() (string, error) {
	names := s.ServiceNames()
	if len(names) == 0 {
		return "", errors.New("the stack " + s.Name + " runs no service")
	}
	return s.Services[names[0]].ClusterArn, nil
}

// region is where the services are: their configuration may have changed since.
func (s *Stack) region() (string, error) {
	cluster, err := s.Cluster()
	if err != nil {
		return "", err
	}
	parsed, err := arn.Parse(cluster)
	if err != nil {
		return "", fmt.Errorf("the output services of %s: clusterArn: got %q, takes an ARN", s.Name, cluster)
	}
	return parsed.Region, nil
}
