package components

import (
	"fmt"
	"maps"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// What every application is told: where it is, for links and for the hosts that it answers to, and where to listen.
const (
	urlVariable  = "PUBLIC_URL"
	portVariable = "PORT"
)

// connect opens the connections and gathers the variables and secrets of the containers, the arguments' and theirs.
func (w *WebService) connect(ctx *pulumi.Context, name string, args WebServiceArgs) error {
	w.environment = maps.Clone(args.Environment)
	w.secrets = maps.Clone(args.Secrets)
	if w.environment == nil {
		w.environment = map[string]pulumi.StringInput{}
	}
	if w.secrets == nil {
		w.secrets = map[string]SecretReference{}
	}
	for variable, value := range map[string]pulumi.StringInput{urlVariable: w.url(args), portVariable: pulumi.String(strconv.Itoa(args.Port))} {
		if _, given := w.environment[variable]; !given {
			w.environment[variable] = value
		}
	}
	task := Task{Name: name, SecurityGroupId: w.SecurityGroupId, Role: w.TaskRole, ExecutionRole: w.ExecutionRole}
	wrong := invalid.In(fmt.Sprintf("WebService %q", name))
	for i, connection := range args.Connections {
		access, err := connection.Connect(ctx, task)
		if err != nil {
			return fmt.Errorf("connect WebService %q: %w", name, err)
		}
		if access == nil {
			continue // it had nothing to tell
		}
		w.take(access, fmt.Sprintf("connections[%d] (%T)", i, connection), wrong)
	}
	return wrong.Err()
}

// take adds what a connection tells the containers. A variable that is there already is a mistake, as one of the two would be lost.
func (w *WebService) take(access *Access, connection string, wrong *invalid.Fields) {
	claim := func(variable string) {
		wrong.Check(connection, variable, limits.EnvironmentName(variable))
		_, plain := w.environment[variable]
		_, secret := w.secrets[variable]
		if plain || secret {
			wrong.Conflict(connection+", "+variable, "the variable is set twice, by this connection and by environment, secrets or another connection; remove one")
		}
	}
	for _, variable := range sortedKeys(access.Environment) {
		claim(variable)
		w.environment[variable] = access.Environment[variable]
	}
	for _, variable := range sortedKeys(access.Secrets) {
		claim(variable)
		w.secrets[variable] = access.Secrets[variable]
	}
	w.startAfter = append(w.startAfter, access.DependsOn...)
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
