package components

import (
	"fmt"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// connect opens the connections and gathers the variables and secrets of the containers, the arguments' and theirs.
func (t *fargateTask) connect(ctx *pulumi.Context, name string, s taskSettings) error {
	t.environment = maps.Clone(s.environment)
	t.secrets = maps.Clone(s.secrets)
	if t.environment == nil {
		t.environment = map[string]pulumi.StringInput{}
	}
	if t.secrets == nil {
		t.secrets = map[string]SecretReference{}
	}
	task := Task{Name: name, SecurityGroupId: t.SecurityGroup.ID().ToStringOutput(), Role: t.TaskRole, ExecutionRole: t.ExecutionRole}
	wrong := invalid.In(fmt.Sprintf("%s %q", s.kind, name))
	for i, connection := range s.connections {
		access, err := connection.Connect(ctx, task)
		if err != nil {
			return fmt.Errorf("connect %s %q: %w", s.kind, name, err)
		}
		if access == nil {
			continue // it had nothing to tell
		}
		t.take(access, fmt.Sprintf("connections[%d] (%T)", i, connection), wrong)
	}
	return wrong.Err()
}

// take adds what a connection tells the containers. A variable that is there already is a mistake, as one of the two would be lost.
func (t *fargateTask) take(access *Access, connection string, wrong *invalid.Fields) {
	claim := func(variable string) {
		wrong.Check(connection, variable, limits.EnvironmentName(variable))
		_, plain := t.environment[variable]
		_, secret := t.secrets[variable]
		if plain || secret {
			wrong.Conflict(connection+", "+variable, "the variable is set twice, by this connection and by environment, secrets or another connection; remove one")
		}
	}
	for _, variable := range sortedKeys(access.Environment) {
		claim(variable)
		t.environment[variable] = access.Environment[variable]
	}
	for _, variable := range sortedKeys(access.Secrets) {
		claim(variable)
		t.secrets[variable] = access.Secrets[variable]
	}
	t.startAfter = append(t.startAfter, access.DependsOn...)
}

// valuesFrom is how the container definitions refer to the secrets, by variable.
func valuesFrom(secrets map[string]SecretReference) pulumi.StringMap {
	values := pulumi.StringMap{}
	for variable, reference := range secrets {
		values[variable] = pulumi.All(reference.Arn, orEmpty(reference.JsonKey), orEmpty(reference.VersionId)).ApplyT(func(of []any) (string, error) {
			return secretValueFrom(of[0].(string), of[1].(string), of[2].(string))
		}).(pulumi.StringOutput)
	}
	return values
}

func orEmpty(text pulumi.StringPtrInput) pulumi.StringOutput {
	if text == nil {
		return pulumi.String("").ToStringOutput()
	}
	return text.ToStringPtrOutput().Elem()
}
