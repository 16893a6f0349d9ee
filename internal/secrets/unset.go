package secrets

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"slipway/internal/awsaccess"
	"slipway/internal/localrun"
	"slipway/internal/stackfile"
)

// Unset deletes a secret of the stack, which can be restored for some days. One that a service uses is refused.
func (s *Secrets) Unset(ctx context.Context, name string, days int) error {
	found, reference, err := s.find(ctx, name)
	if err != nil {
		return err
	}
	remove := fmt.Sprintf("pulumi config rm --path %s.%s -s %s", configKey, name, s.Stack.Name)
	switch {
	case found == nil:
		return fmt.Errorf("the stack %s has no secret %s; slipway secrets %[1]s list shows those that it has", s.Stack.Name, name)
	case found.keeper == you:
		return fmt.Errorf("%s of %s is %s, which was not made by slipway secrets: %s takes it from the application; delete it yourself when nobody uses it", name, s.Stack.Name, found.Name, remove)
	}
	if err := s.mine(name, found); err != nil {
		return err
	}
	all, err := s.usedBy(ctx, true)
	if err != nil {
		return err
	}
	if used := all[found.ARN]; len(used) > 0 {
		return fmt.Errorf("%s is in use (%s), and no task would start without it. First: %s; pulumi up -s %s; then this again", name, inWords(used), remove, s.Stack.Name)
	}
	files, err := s.configuredElsewhere(found.ARN)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return fmt.Errorf("%s is named by %s too: remove it there first", name, strings.Join(files, " and "))
	}
	// The configuration first: what it names has to be there.
	if reference.ARN != "" {
		if _, err := s.pulumi(ctx, "config", "rm", "--path", configKey+"."+name, "-s", s.Stack.Name); err != nil {
			return err
		}
	}
	if found.deleted != nil {
		s.say("%s is to be deleted on %s already", found.Name, found.deleted.Local().Format("2006-01-02"))
		return nil
	}
	answer, err := s.manager.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &found.ARN, RecoveryWindowInDays: aws.Int64(int64(days))})
	if err != nil {
		return awsaccess.Explain(err)
	}
	s.say("%s of %s is no longer there. Until %s a new value brings it back: slipway secrets %[2]s set %[1]s; or the old one: aws secretsmanager restore-secret --secret-id %[4]s",
		name, s.Stack.Name, aws.ToTime(answer.DeletionDate).Local().Format("2006-01-02"), found.Name)
	return nil
}

// configuredIn are the references of another stack's configuration.
func (s *Secrets) configuredIn(stack string) (map[string]Reference, error) {
	values, err := localrun.ConfigValues(s.ProjectDir, stack)
	if err != nil {
		return nil, err
	}
	return configured(stackfile.Get(values, s.Project+":"+configKey))
}
