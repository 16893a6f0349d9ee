package secrets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"slipway/internal/awsaccess"
	"slipway/internal/config"
	"slipway/internal/localrun"
	"slipway/internal/owned"
)

// Change is a new value for a secret, when everything has been looked at and nothing is changed yet.
type Change struct {
	secrets   *Secrets
	redeploy  bool
	name      string
	found     *described
	reference Reference
	used      []Use
}

// Prepare looks whether a value can be set, so that nobody types one in vain.
func (s *Secrets) Prepare(ctx context.Context, name string, redeploy bool) (*Change, error) {
	if err := config.Variable(name); err != nil {
		return nil, &localrun.UsageError{Err: fmt.Errorf("the name %q: it takes %w", name, err)}
	}
	c := &Change{secrets: s, name: name, redeploy: redeploy}
	var err error
	if c.found, c.reference, err = s.find(ctx, name); err != nil {
		return nil, err
	}
	if c.found != nil {
		if err := s.mine(name, c.found); err != nil {
			return nil, err
		}
		all, err := s.usedBy(ctx, true)
		if awsaccess.HasCode(err, denied...) { // what follows from it is advice
			s.say("other stacks that share %s are not known: %v", name, err)
			all, err = s.usedBy(ctx, false)
		}
		if err != nil {
			return nil, err
		}
		c.used = slices.DeleteFunc(all[c.found.ARN], func(u Use) bool { return c.reference.Key != "" && u.Key != "" && u.Key != c.reference.Key })
	}
	if redeploy && !slices.ContainsFunc(c.used, func(u Use) bool { return u.Stack == "" }) {
		return nil, fmt.Errorf("no service of %s has %s yet, so there is nothing to redeploy: leave --redeploy out; then pulumi up -s %[1]s gives it to them", s.Stack.Name, name)
	}
	return c, nil
}

// MaxSize is how many bytes Secrets Manager takes.
const MaxSize = 65536

// CheckValue says what cannot be a value. It never says the value.
func CheckValue(value string) error {
	switch {
	case value == "":
		return errors.New("the value is empty; nothing was changed")
	case len(value) > MaxSize:
		return fmt.Errorf("the value has %d bytes, takes %d at most; nothing was changed", len(value), MaxSize)
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		return errors.New("the value is not text (UTF-8), which a variable needs: encode it, in Base64 for example; nothing was changed")
	}
	return nil
}

// Apply sets the value, and has the next update give it to the application where that does not have it.
func (c *Change) Apply(ctx context.Context, value string) error {
	if err := CheckValue(value); err != nil {
		return err
	}
	var err error
	switch s := c.secrets; {
	case c.reference.Key != "":
		err = c.putKey(ctx, value)
	case c.found == nil:
		err = c.create(ctx, value)
	default:
		err = s.put(ctx, c.found, value)
	}
	if err != nil {
		return err
	}
	if err := c.configure(ctx); err != nil {
		return err
	}
	return c.tell()
}

func (c *Change) create(ctx context.Context, value string) error {
	s := c.secrets
	answer, err := s.manager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name:         aws.String(s.fullName(c.name)),
		Description:  aws.String(c.name + " of " + s.tag()),
		SecretString: &value,
		Tags:         s.tags(c.name),
	})
	if err != nil {
		return awsaccess.Explain(err)
	}
	c.found = &described{ARN: aws.ToString(answer.ARN), Name: aws.ToString(answer.Name), keeper: kept}
	return nil
}

func (s *Secrets) tags(name string) []types.Tag {
	return []types.Tag{{Key: aws.String(owned.StackTag), Value: aws.String(s.tag())}, {Key: aws.String(owned.SecretTag), Value: &name}}
}

// put makes a new version. A secret that was to be deleted is kept.
func (s *Secrets) put(ctx context.Context, found *described, value string) error {
	if found.deleted != nil {
		if _, err := s.manager.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &found.ARN}); err != nil {
			return awsaccess.Explain(err)
		}
		s.say("%s was to be deleted on %s, and is kept", found.Name, found.deleted.Local().Format("2006-01-02"))
	}
	// Somebody else's of this name is the stack's from now on, so that it can be listed and unset.
	if name, isOurs := strings.CutPrefix(found.Name, s.fullName("")); isOurs && found.keeper == you {
		if _, err := s.manager.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &found.ARN, Tags: s.tags(name)}); err != nil {
			return awsaccess.Explain(err)
		}
	}
	_, err := s.manager.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &found.ARN, SecretString: &value})
	return awsaccess.Explain(err)
}

// putKey changes one key of a JSON object, and leaves the others.
func (c *Change) putKey(ctx context.Context, value string) error {
	s := c.secrets
	now, err := s.manager.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &c.found.ARN})
	if err != nil {
		return awsaccess.Explain(err)
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(aws.ToString(now.SecretString)), &fields); err != nil {
		// Not with the error, which may have a part of the value in it.
		return fmt.Errorf("%s has the key %s of %s, whose value is no JSON object: nothing was changed", c.name, c.reference.Key, c.found.Name)
	}
	if fields[c.reference.Key], err = json.Marshal(value); err != nil {
		return err
	}
	object, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	if err := s.put(ctx, c.found, string(object)); err != nil {
		return err
	}
	after, err := s.manager.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &c.found.ARN})
	if err != nil {
		return awsaccess.Explain(err)
	}
	if before := versionOf(after.VersionIdsToStages, "AWSPREVIOUS"); before != "" && before != aws.ToString(now.VersionId) {
		return fmt.Errorf("somebody has changed %s at the same time, and their keys may be lost: set those again (the version before is %s)", c.found.Name, before)
	}
	return nil
}

// configure has the configuration name the secret.
func (c *Change) configure(ctx context.Context) error {
	s := c.secrets
	if c.reference.ARN != "" {
		return nil
	}
	// Pulumi takes an ARN in a key of this name for a secret, and would not store it unless told.
	set := []string{"config", "set", "--path", configKey + "." + c.name, c.found.ARN, "--plaintext", "-s", s.Stack.Name}
	if _, err := s.pulumi(ctx, set...); err != nil {
		return fmt.Errorf("the value of %s is in %s, but the configuration was not changed: %w. Do it by hand: pulumi %s", c.name, c.found.Name, err, strings.Join(set, " "))
	}
	file, err := s.configFile()
	if err != nil {
		return err
	}
	s.say("%s of %s is set: %s, which %s names in %s now", c.name, s.Stack.Name, c.found.Name, file, configKey)
	s.say("next: pulumi up -s %s gives it to web and workers as the variable %s", s.Stack.Name, c.name)
	return nil
}

func (s *Secrets) configFile() (string, error) {
	path, err := localrun.ConfigFile(s.ProjectDir, s.Stack.Name)
	return filepath.Base(path), err
}

// tell says who has the new value and who has not.
func (c *Change) tell() error {
	s := c.secrets
	if c.reference.ARN == "" {
		return nil
	}
	s.say("%s of %s has a new value", c.name, s.Stack.Name)
	if len(c.used) == 0 {
		s.say("no task has it yet; pulumi up -s %s gives it to web and workers as the variable %s", s.Stack.Name, c.name)
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(c.used), func(u Use) bool { return u.Stack == "" })
	switch {
	case c.redeploy && len(others) > 0:
		s.say("%s has the old one until its tasks are replaced too", serviceNames(others))
	case !c.redeploy:
		s.say("tasks that run keep the old one (%s) until they are replaced, which set --redeploy does at once", serviceNames(c.used))
	}
	return nil
}

// configuredElsewhere are the other stacks whose configuration names a secret.
func (s *Secrets) configuredElsewhere(arn string) (files []string, err error) {
	stacks, err := localrun.ConfiguredStacks(s.ProjectDir)
	if err != nil {
		return nil, err
	}
	for _, stack := range slices.Sorted(maps.Keys(stacks)) {
		if stack == s.Stack.Name {
			continue
		}
		references, err := s.configuredIn(stack)
		if err != nil {
			return nil, err
		}
		for _, reference := range references {
			if reference.ARN == arn {
				files = append(files, filepath.Base(stacks[stack]))
				break
			}
		}
	}
	return files, nil
}
