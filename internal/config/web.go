package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
	"slipway/internal/limits"
)

func (r *reader) web(env environment) *components.WebServiceArgs {
	minCount := r.integer("webMinCount", 2, limits.TaskCount)
	cpu := r.integer("webCpu", 256, limits.FargateCPU)
	executeCommand := r.boolean("webEnableExecuteCommand", false)
	return &components.WebServiceArgs{
		DomainName:             r.text("domain", "", optional(limits.DomainName)),
		HostedZone:             r.text("hostedZone", "", optional(limits.DomainName)),
		Wildcard:               r.boolean("domainWildcard", false),
		Architecture:           r.text("architecture", "ARM64", limits.CPUArchitecture),
		Cpu:                    cpu,
		Memory:                 r.integer("webMemory", 512, memoryFor(cpu)),
		Port:                   r.integer("webPort", 8000, limits.ContainerPort),
		HealthCheckPath:        r.text("webHealthCheckPath", "/status/", limits.HealthCheckPath),
		Command:                r.list("webCommand", []string{"web"}, nil),
		ReleaseCommand:         r.list("webReleaseCommand", []string{"release"}, nil),
		User:                   r.text("containerUser", "10001:10001", optional(limits.ContainerUser)),
		Environment:            r.variables("webEnvironment"),
		Secrets:                r.secrets("webSecrets"),
		MinCount:               &minCount,
		MaxCount:               r.integer("webMaxCount", 10, noLessThan(minCount, r.prefix+"webMinCount")),
		CpuTarget:              new(r.integer("webCpuTarget", 75, orNone(percent))),
		MemoryTarget:           r.integer("webMemoryTarget", 0, orNone(percent)),
		RequestsTarget:         r.integer("webRequestsTarget", 0, atLeastZero),
		SpotWeight:             r.integer("webSpotWeight", 0, func(v int) error { return limits.Percent(v, 0) }),
		StopTimeout:            r.integer("webStopTimeout", 30, limits.StopTimeout),
		ContainerInsights:      new(r.boolean("containerInsights", true)),
		Alarms:                 &env.alarms,
		LatencyLimitSeconds:    new(r.number("webLatencyLimit", 2, limits.LatencyLimit)),
		AccessLogs:             &env.accessLogs,
		EnableExecuteCommand:   executeCommand,
		ReadonlyRootFilesystem: new(!executeCommand),
		LogRetentionDays:       env.logRetentionDays,
		Ephemeral:              env.ephemeral,
	}
}

// Variable checks the name of a container's variable: one that the environment itself sets would be lost.
func Variable(name string) error {
	ours := []string{"DJANGO_SECRET_KEY", "PORT", "STATIC_BUCKET", "STATIC_HOST", "CELERY_QUEUE_URL", "CELERY_VISIBILITY_TIMEOUT", "CELERY_STOP_GRACE"}
	if strings.HasPrefix(name, "DATABASE_") || slices.Contains(ours, name) {
		return fmt.Errorf("variables that the environment does not set itself, as it does DATABASE_... and %s", strings.Join(ours, ", "))
	}
	return limits.EnvironmentName(name)
}

// variables reads an object of a container's variables.
func (r *reader) variables(key string) map[string]pulumi.StringInput {
	return pulumi.ToStringMap(r.pairs(key, Variable))
}

// secrets reads an object of ARNs, each with an optional JSON key: {NAME: "arn:...#key"}.
func (r *reader) secrets(key string) map[string]components.SecretReference {
	secrets := map[string]components.SecretReference{}
	pairs := r.pairs(key, Variable)
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		arn, jsonKey, _ := strings.Cut(pairs[name], "#")
		r.wrong.Check(r.prefix+key+"."+name, pairs[name], limits.SecretARN(arn))
		if jsonKey != "" && (!strings.Contains(arn, ":secretsmanager:") || strings.Contains(jsonKey, ":")) {
			r.wrong.Add(r.prefix+key+"."+name, pairs[name], "#key after the ARN of a secret of Secrets Manager only, and no colon in the key")
		}
		secret := components.SecretReference{Arn: pulumi.String(arn)}
		if jsonKey != "" {
			secret.JsonKey = pulumi.String(jsonKey)
		}
		secrets[name] = secret
	}
	return secrets
}
