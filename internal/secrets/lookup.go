package secrets

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"slipway/internal/awsaccess"
	"slipway/internal/owned"
)

// keeper is who makes and changes a secret.
type keeper string

const (
	kept      keeper = "slipway secrets"
	program   keeper = "pulumi"
	parameter keeper = "you (SSM parameter)"
	you       keeper = "you"
)

// keeperOf tells who keeps a secret, by its tags.
func (s *Secrets) keeperOf(owner string, tags []types.Tag) keeper {
	values := map[string]string{}
	for _, t := range tags {
		values[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	stack, resource, ours := values[owned.StackTag], values[owned.ResourceTag], values[owned.SecretTag]
	switch {
	case owner != "":
		return keeper(owner)
	case stack != "" && stack != s.tag():
		return keeper("the stack " + strings.TrimPrefix(stack, s.Project+"/"))
	case resource != "":
		return program
	case stack != "" && ours != "":
		return kept
	}
	return you
}

// described is a secret as Secrets Manager knows it; nil where there is none.
type described struct {
	ARN, Name string
	keeper    keeper
	deleted   *time.Time
	// current is the id of the version that tasks get which start now.
	current string
}

func (s *Secrets) describe(ctx context.Context, id string) (*described, error) {
	answer, err := s.manager.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
	if awsaccess.HasCode(err, "ResourceNotFoundException") {
		return nil, nil
	}
	if err != nil {
		return nil, awsaccess.Explain(err)
	}
	found := &described{ARN: aws.ToString(answer.ARN), Name: aws.ToString(answer.Name), deleted: answer.DeletedDate,
		keeper: s.keeperOf(aws.ToString(answer.OwningService), answer.Tags), current: versionOf(answer.VersionIdsToStages, "AWSCURRENT")}
	return found, nil
}

func versionOf(stages map[string][]string, stage string) string {
	for version, has := range stages {
		for _, is := range has {
			if is == stage {
				return version
			}
		}
	}
	return ""
}

// find is the secret that a name stands for: the one that the configuration gives the application under it, or else the stack's own of that name.
// Nil where there is none.
func (s *Secrets) find(ctx context.Context, name string) (*described, Reference, error) {
	reference, isConfigured := s.Configured[name]
	if !isConfigured {
		found, err := s.describe(ctx, s.fullName(name))
		return found, Reference{}, err
	}
	remove := fmt.Sprintf("pulumi config rm --path %s.%s -s %s", configKey, name, s.Stack.Name)
	if reference.IsParameter() {
		return nil, reference, fmt.Errorf("%s of %s is the SSM parameter %s: aws ssm put-parameter changes it; %s makes room for a secret of the stack", name, s.Stack.Name, reference.ARN, remove)
	}
	found, err := s.describe(ctx, reference.ARN)
	if err == nil && found == nil {
		err = fmt.Errorf("%s.%s of %s names %s, which is not there: %s, then set it again", configKey, name, s.Stack.Name, reference.ARN, remove)
	}
	return found, reference, err
}

// mine refuses what is not for this command to change.
func (s *Secrets) mine(name string, found *described) error {
	switch found.keeper {
	case kept, you:
		return nil
	case program:
		return fmt.Errorf("%s is a secret that the program makes (%s): another revision of its GeneratedSecret in main.go makes a new value", name, found.Name)
	}
	if stack, isStacks := strings.CutPrefix(string(found.keeper), "the stack "); isStacks {
		return fmt.Errorf("%s of %s is a secret of the stack %s: slipway secrets %[3]s set %[1]s changes it for both; "+
			"for one of its own: pulumi config rm --path %[4]s.%[1]s -s %[2]s, then this again", name, s.Stack.Name, stack, configKey)
	}
	return fmt.Errorf("%s is a secret that %s keeps (%s), and changes by itself", name, strings.ToUpper(string(found.keeper)), found.Name)
}
