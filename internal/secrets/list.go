package secrets

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"slipway/internal/awsaccess"
	"slipway/internal/owned"
)

// Secret is one that the stack has or uses, without its value.
type Secret struct {
	// Name as set and unset take it, or else as Secrets Manager has it.
	Name string `json:"name"`
	ARN  string `json:"arn"`
	// Changed is when the value was last changed; nil where nobody says.
	Changed *time.Time `json:"changed"`
	// KeptBy is who changes it.
	KeptBy string `json:"keptBy"`
	UsedBy []Use  `json:"usedBy"`
	// Configured tells that the next update gives it to the application.
	Configured bool `json:"configured"`
	// OldValueIn counts the running tasks that have an older value, by service.
	OldValueIn map[string]int `json:"oldValueIn,omitempty"`
}

// List returns what the stack has and what its services use, by name.
func (s *Secrets) List(ctx context.Context) ([]Secret, error) {
	used, err := s.usedBy(ctx, false)
	if err != nil {
		return nil, err
	}
	names, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	for variable, reference := range s.Configured {
		names[reference.ARN] = variable
	}
	for arn := range used {
		if _, known := names[arn]; !known {
			names[arn] = ""
		}
	}
	list := []Secret{}
	for arn, name := range names {
		secret, err := s.one(ctx, arn, name, used[arn])
		if err != nil {
			return nil, err
		}
		list = append(list, secret)
	}
	slices.SortFunc(list, func(a, b Secret) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ARN, b.ARN)) })
	return list, nil
}

// denied are the codes of what the credentials may not do.
var denied = []string{"AccessDeniedException", "AccessDenied"}

// own are the names of the stack's own secrets by their ARNs.
func (s *Secrets) own(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	pages := secretsmanager.NewListSecretsPaginator(s.manager, &secretsmanager.ListSecretsInput{Filters: []types.Filter{
		{Key: types.FilterNameStringTypeTagKey, Values: []string{owned.StackTag}},
		{Key: types.FilterNameStringTypeTagValue, Values: []string{s.tag()}},
	}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awsaccess.Explain(err)
		}
		for _, entry := range page.SecretList {
			// The filters are for beginnings, and need not mean the same tag.
			if slices.ContainsFunc(entry.Tags, func(t types.Tag) bool {
				return aws.ToString(t.Key) == owned.StackTag && aws.ToString(t.Value) == s.tag()
			}) {
				name, _ := strings.CutPrefix(aws.ToString(entry.Name), s.fullName(""))
				names[aws.ToString(entry.ARN)] = name
			}
		}
	}
	return names, nil
}

func (s *Secrets) one(ctx context.Context, arn, name string, used []Use) (Secret, error) {
	secret := Secret{Name: name, ARN: arn, UsedBy: used}
	for _, reference := range s.Configured {
		secret.Configured = secret.Configured || reference.ARN == arn
	}
	if (Reference{ARN: arn}).IsParameter() {
		secret.Name, secret.KeptBy = cmp.Or(name, arn[strings.LastIndex(arn, ":")+1:]), string(parameter)
		return secret, nil
	}
	found, err := s.describe(ctx, arn)
	if awsaccess.HasCode(err, denied...) {
		secret.Name, secret.KeptBy = cmp.Or(name, arn[strings.LastIndex(arn, ":")+1:]), "not allowed to look"
		return secret, nil
	}
	if err != nil {
		return secret, err
	}
	if found == nil || found.deleted != nil {
		secret.Name, secret.KeptBy = cmp.Or(name, arn[strings.LastIndex(arn, ":")+1:]), "nobody: it is deleted"
		return secret, nil
	}
	secret.Name, secret.KeptBy = cmp.Or(name, found.Name), string(found.keeper)
	if secret.Changed, err = s.changed(ctx, arn, found.current); err != nil {
		return secret, err
	}
	// What RDS changes, the application asks for again; what the program makes is another version's.
	if found.keeper == kept || found.keeper == you {
		secret.OldValueIn, err = s.oldValues(ctx, used, secret.Changed)
	}
	return secret, err
}

// changed is when a version was made.
func (s *Secrets) changed(ctx context.Context, arn, version string) (*time.Time, error) {
	pages := secretsmanager.NewListSecretVersionIdsPaginator(s.manager, &secretsmanager.ListSecretVersionIdsInput{SecretId: &arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awsaccess.Explain(err)
		}
		for _, entry := range page.Versions {
			if aws.ToString(entry.VersionId) == version {
				return entry.CreatedDate, nil
			}
		}
	}
	return nil, nil
}

// oldValues counts the running tasks that were started before a value was set.
func (s *Secrets) oldValues(ctx context.Context, used []Use, since *time.Time) (map[string]int, error) {
	counts := map[string]int{}
	if since == nil {
		return counts, nil
	}
	for _, use := range used {
		if use.Pinned || counts[use.Service] > 0 {
			continue
		}
		tasks, err := s.tasks(ctx, use.service)
		if err != nil {
			return nil, err
		}
		for _, task := range tasks {
			if task.StartedAt != nil && task.StartedAt.Before(*since) {
				counts[use.Service]++
			}
		}
	}
	return counts, nil
}

// tasks are those of a service that run.
func (s *Secrets) tasks(ctx context.Context, service ecstypes.Service) (tasks []ecstypes.Task, err error) {
	pages := ecs.NewListTasksPaginator(s.ecs, &ecs.ListTasksInput{Cluster: service.ClusterArn, ServiceName: service.ServiceName})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, awsaccess.Explain(err)
		}
		if len(page.TaskArns) == 0 {
			continue
		}
		answer, err := s.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: service.ClusterArn, Tasks: page.TaskArns})
		if err != nil {
			return nil, awsaccess.Explain(err)
		}
		tasks = append(tasks, answer.Tasks...)
	}
	return tasks, nil
}

// Write writes a line for each secret.
func (s *Secrets) Write(w io.Writer, list []Secret) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintln(table, "NAME\tCHANGED\tKEPT BY\tUSED BY")
	for _, secret := range list {
		changed := "-"
		if secret.Changed != nil {
			changed = secret.Changed.Local().Format("2006-01-02 15:04")
		}
		_, lineErr := fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", secret.Name, changed, secret.KeptBy, s.users(secret))
		err = errors.Join(err, lineErr)
	}
	return errors.Join(err, table.Flush())
}

func (s *Secrets) users(secret Secret) string {
	if len(secret.UsedBy) == 0 {
		if secret.Configured {
			return "nobody yet; pulumi up -s " + s.Stack.Name
		}
		return "nobody"
	}
	text := inWords(secret.UsedBy)
	for _, service := range slices.Sorted(maps.Keys(secret.OldValueIn)) {
		if n := secret.OldValueIn[service]; n == 1 {
			text += fmt.Sprintf("; a task of %s has an older value", service)
		} else {
			text += fmt.Sprintf("; %d tasks of %s have an older value", n, service)
		}
	}
	return text
}

// WriteJSON writes the secrets as an array.
func WriteJSON(w io.Writer, list []Secret) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(list)
}
