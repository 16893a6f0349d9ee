package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"slipway/internal/localrun"
	"slipway/internal/stackfile"
)

// listed is a stack as pulumi stack ls lists it.
type listed struct {
	Name          string
	ResourceCount int
}

// backendVariable has Pulumi take another backend than the one that it is logged in to.
const backendVariable = "PULUMI_BACKEND_URL"

// preflight refuses what would leave the stacks in two places.
func (r *run) preflight(ctx context.Context) error {
	here := r.report.BackendURL
	for _, variable := range r.environ() {
		if url, set := strings.CutPrefix(variable, backendVariable+"="); set && url != "" && url != here {
			return fmt.Errorf("%s has pulumi keep the state in %s, whatever it is logged in to: unset it, then run this again", backendVariable, url)
		}
	}
	url, err := r.projectBackend()
	if err != nil {
		return err
	}
	if url != "" && url != here {
		return fmt.Errorf("backend.url in Pulumi.yaml has pulumi keep the state in %s: remove it, then run this again", url)
	}
	return r.refuseStacksElsewhere(ctx)
}

func (r *run) environ() []string {
	if r.Pulumi.Environ != nil {
		return r.Pulumi.Environ
	}
	return os.Environ()
}

func (r *run) projectBackend() (string, error) {
	file := filepath.Join(r.Pulumi.ProjectDir, "Pulumi.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var project struct{ Backend struct{ URL string } }
	if err := yaml.Unmarshal(text, &project); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return project.Backend.URL, nil
}

// current is the backend that pulumi uses at present; "" for none.
func (r *run) current(ctx context.Context) (string, error) {
	out, err := r.pulumi(ctx, "", "whoami", "--verbose", "--json")
	if errors.As(err, new(*refusal)) {
		return "", nil // pulumi is not logged in
	}
	if err != nil {
		return "", err
	}
	var who struct{ URL string }
	err = json.Unmarshal(out, &who)
	return who.URL, err
}

// refusal is what pulumi says when it fails.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// refuseStacksElsewhere looks at the backend that pulumi is logged in to: a second, empty stack of the same name would make everything a
// second time.
func (r *run) refuseStacksElsewhere(ctx context.Context) error {
	url, err := r.current(ctx)
	if err != nil || url == "" || url == r.report.BackendURL {
		return err
	}
	stacks, err := r.listStacks(ctx, "")
	if err != nil {
		r.say("pulumi is logged in to %s, and cannot list the stacks that are there: %v", url, err)
		return nil
	}
	var wrong []error
	for _, s := range stacks {
		if slices.Contains(r.wish.Stacks, s.Name) {
			wrong = append(wrong, fmt.Errorf("the stack %s is in %s already, with %d resources; a second one would make them again. Move it: "+
				"pulumi stack export -s %[1]s --file %[1]s.json --show-secrets; pulumi login '%[4]s'; pulumi stack init %[1]s --secrets-provider '%[5]s'; pulumi stack import -s %[1]s --file %[1]s.json; rm %[1]s.json. Or leave it out of --stacks",
				s.Name, url, s.ResourceCount, r.report.BackendURL, r.report.SecretsProvider))
		}
	}
	return errors.Join(wrong...)
}

// listStacks lists the project's stacks in a backend; "" for the one that pulumi uses at present.
func (r *run) listStacks(ctx context.Context, backend string) ([]listed, error) {
	out, err := r.pulumi(ctx, backend, "stack", "ls", "--json")
	if err != nil {
		return nil, err
	}
	var stacks []listed
	if err := json.Unmarshal(out, &stacks); err != nil {
		return nil, fmt.Errorf("pulumi stack ls: %w", err)
	}
	for i := range stacks { // in Pulumi Cloud they may have their organisation before them
		stacks[i].Name = path.Base(stacks[i].Name)
	}
	return stacks, nil
}

// pulumi runs a command of the user's pulumi in a backend; "" for the one that it uses at present.
func (r *run) pulumi(ctx context.Context, backend string, args ...string) ([]byte, error) {
	place := *r.Pulumi
	if backend != "" {
		place.Environ = append(slices.Clone(r.environ()), backendVariable+"="+backend)
	}
	var heard bytes.Buffer
	out, err := place.Output(ctx, &heard, args...)
	var exit *localrun.ExitError
	if errors.As(err, &exit) {
		return nil, &refusal{fmt.Sprintf("pulumi %s: %s", strings.Join(args[:min(len(args), 2)], " "), strings.TrimPrefix(lastLine(heard.String()), "error: "))}
	}
	return out, err
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndex(text, "\n")+1:]
}

// configuration is a stack's file, and its path. One that is missing has no keys.
func (r *run) configuration(stack string) (path string, file *yaml.Node, err error) {
	if path, err = localrun.ConfigFile(r.Pulumi.ProjectDir, stack); err != nil {
		return "", nil, err
	}
	file, err = stackfile.Read(path)
	return path, file, err
}
