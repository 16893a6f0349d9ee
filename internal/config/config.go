// Package config reads a stack's configuration: typed, with the defaults that Pulumi.yaml documents, and all mistakes
// at once, each naming its key.
package config

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
	"slipway/internal/buildcontext"
	"slipway/internal/limits"
)

// Config is the configuration of one stack. Pulumi.yaml says what each key means.
type Config struct {
	Ephemeral        bool
	LogRetentionDays int
	Network          Network
	Database         Database
	Image            Image
	Web              Web
	Queue            Queue
	Workers          Workers
	Site             Site
}

// Network configures components.Vpc.
type Network struct {
	Cidr               string
	Zones              int
	Egress             string
	EndpointServices   []string
	EndpointsInOneZone bool
	FlowLogs           bool
}

// Database configures components.AuroraServerless.
type Database struct {
	Name                      string
	MinCapacity, MaxCapacity  float64
	AutoPauseSeconds          int
	BackupRetentionDays       int
	Readers                   int
	PerformanceInsights       bool
	MonitoringIntervalSeconds int
}

// Image configures components.Image.
type Image struct {
	Prebuilt   string
	Context    string
	Dockerfile string
	Target     string
	Revision   string
	Platform   string
	BuildArgs  map[string]string
}

// Web configures components.WebService.
type Web struct {
	Domain, HostedZone      string
	Architecture            string
	Cpu, Memory             int
	Port                    int
	HealthCheckPath         string
	Command, ReleaseCommand []string
	Environment             map[string]string
	Secrets                 map[string]Secret
	MinCount, MaxCount      int
	CpuTarget, MemoryTarget int
	RequestsTarget          int
	SpotWeight              int
	StopTimeout             int
	ContainerInsights       bool
	AccessLogs              bool
	EnableExecuteCommand    bool
}

// Secret names a value that ECS gives to the containers.
type Secret struct{ Arn, JsonKey string }

// Site configures components.StaticSite.
type Site struct {
	Enabled               bool
	Domain, HostedZone    string
	Folder                string
	Immutable             []string
	SinglePageApplication bool
	CorsOrigins           []string
	PriceClass            string
	WebAclArn             *string // nil for none
}

// Load reads the configuration of the stack that ctx is running for. The error names every key that is wrong, with what
// it got and what it takes.
func Load(ctx *pulumi.Context) (*Config, error) {
	return newReader(ctx).load()
}

func (r *reader) load() (*Config, error) {
	c := &Config{
		Ephemeral:        r.boolean("ephemeral", false),
		LogRetentionDays: r.integer("logRetentionDays", 365, limits.LogRetention),
		Network:          r.network(),
		Database:         r.database(),
		Image:            r.image(),
		Web:              r.web(),
		Queue:            r.queue(),
		Workers:          r.workers(),
		Site:             r.site(),
	}
	if c.Web.Domain == "" && !c.Ephemeral {
		r.wrong.Add(r.prefix+"domain", "", `a domain name such as "app.example.com" whose zone is in Route 53; without one there is no HTTPS, which only a stack with slipway:ephemeral true may do without`)
	}
	if c.Site.Domain != "" && c.Site.Domain == c.Web.Domain {
		r.wrong.Add(r.prefix+"staticDomain", c.Site.Domain, "another name than slipway:domain, such as static."+c.Web.Domain)
	}
	r.refuseUnknown()
	if c.Image.Prebuilt == "" {
		c.Image.Platform = limits.ImagePlatformOf(c.Web.Architecture)
	}
	if err := r.wrong.Err(); err != nil {
		return nil, fmt.Errorf("%w\nNothing was deployed", err)
	}
	return c, nil
}

func (r *reader) network() Network {
	n := Network{
		Cidr:               r.text("vpcCidr", "10.0.0.0/16", limits.VpcCIDR),
		Zones:              r.integer("zones", 2, limits.Zones),
		Egress:             r.text("egress", string(components.EgressEndpoints), func(v string) error { return components.Egress(v).Validate() }),
		EndpointsInOneZone: r.boolean("endpointsInOneZone", false),
		FlowLogs:           r.boolean("flowLogs", true),
	}
	n.EndpointServices = r.list("endpointServices", nil, func(service string) error {
		if slices.Contains(components.Egress(n.Egress).Endpoints(), service) {
			return fmt.Errorf("more services than %s, which have an endpoint without being asked; leave it out", strings.Join(components.Egress(n.Egress).Endpoints(), ", "))
		}
		return limits.EndpointService(service)
	})
	return n
}

func (r *reader) database() Database {
	d := Database{
		Name:                      r.text("databaseName", "app", limits.DatabaseName),
		MinCapacity:               r.number("databaseMinCapacity", 0.5, limits.MinCapacity),
		BackupRetentionDays:       r.integer("databaseBackupRetentionDays", 7, limits.BackupRetention),
		Readers:                   r.integer("databaseReaders", 1, limits.Readers),
		PerformanceInsights:       r.boolean("databasePerformanceInsights", false),
		MonitoringIntervalSeconds: r.integer("databaseMonitoringIntervalSeconds", 0, limits.MonitoringInterval),
	}
	d.MaxCapacity = r.number("databaseMaxCapacity", 4, func(units float64) error { return limits.MaxCapacity(units, d.MinCapacity) })
	d.AutoPauseSeconds = r.integer("databaseAutoPauseSeconds", 0, orNone(func(seconds int) error {
		if d.MinCapacity != 0 {
			return errors.New("0 with a database that does not pause; it pauses with slipway:databaseMinCapacity \"0\"")
		}
		return limits.SecondsUntilAutoPause(seconds)
	}))
	return d
}

func (r *reader) image() Image {
	i := Image{
		Prebuilt:   r.text("image", "", optional(limits.ImageByDigest)),
		Context:    r.text("imageContext", "docker/app", nil),
		Dockerfile: r.text("imageDockerfile", "", nil),
		Target:     r.text("imageTarget", "prod", nil),
		Revision:   r.text("imageRevision", "", nil),
		BuildArgs:  r.pairs("imageBuildArgs", limits.EnvironmentName),
	}
	if i.Prebuilt != "" { // the rest says how to build, and nothing is built
		return Image{Prebuilt: i.Prebuilt}
	}
	if i.Dockerfile == "" {
		i.Dockerfile = filepath.Join(i.Context, "Dockerfile")
	}
	source := buildcontext.Check(filepath.Join(r.root, i.Context), filepath.Join(r.root, i.Dockerfile), i.Target)
	r.wrong.Check(r.prefix+"imageContext", i.Context, source.Context)
	r.wrong.Check(r.prefix+"imageDockerfile", i.Dockerfile, source.Dockerfile)
	r.wrong.Check(r.prefix+"imageTarget", i.Target, source.Target)
	return i
}

func (r *reader) web() Web {
	w := Web{
		Domain:               r.text("domain", "", optional(limits.DomainName)),
		HostedZone:           r.text("hostedZone", "", optional(limits.DomainName)),
		Architecture:         r.text("architecture", "ARM64", limits.CPUArchitecture),
		Cpu:                  r.integer("webCpu", 256, limits.FargateCPU),
		Port:                 r.integer("webPort", 8000, limits.ContainerPort),
		HealthCheckPath:      r.text("webHealthCheckPath", "/status/", limits.HealthCheckPath),
		Command:              r.list("webCommand", []string{"web"}, nil),
		ReleaseCommand:       r.list("webReleaseCommand", []string{"release"}, nil),
		Environment:          r.pairs("webEnvironment", variable),
		Secrets:              r.secrets("webSecrets"),
		MinCount:             r.integer("webMinCount", 2, limits.TaskCount),
		CpuTarget:            r.integer("webCpuTarget", 75, orNone(percent)),
		MemoryTarget:         r.integer("webMemoryTarget", 0, orNone(percent)),
		RequestsTarget:       r.integer("webRequestsTarget", 0, atLeastZero),
		SpotWeight:           r.integer("webSpotWeight", 0, func(v int) error { return limits.Percent(v, 0) }),
		StopTimeout:          r.integer("webStopTimeout", 30, limits.StopTimeout),
		ContainerInsights:    r.boolean("containerInsights", true),
		AccessLogs:           r.boolean("accessLogs", true),
		EnableExecuteCommand: r.boolean("webEnableExecuteCommand", false),
	}
	w.Memory = r.integer("webMemory", 512, memoryFor(w.Cpu))
	w.MaxCount = r.integer("webMaxCount", 10, noLessThan(w.MinCount, r.prefix+"webMinCount"))
	if w.HostedZone != "" && w.Domain == "" {
		r.wrong.Add(r.prefix+"hostedZone", w.HostedZone, "no value without "+r.prefix+"domain")
	}
	if limits.DomainName(w.Domain) == nil && limits.DomainName(w.HostedZone) == nil {
		r.wrong.Check(r.prefix+"hostedZone", w.HostedZone, limits.DomainInZone(w.Domain, w.HostedZone))
	}
	return w
}

// variable checks the name of a container's variable: one that the environment itself sets would be lost.
func variable(name string) error {
	ours := []string{"DJANGO_SECRET_KEY", "PORT", "STATIC_BUCKET", "STATIC_HOST", "CELERY_QUEUE_URL", "CELERY_VISIBILITY_TIMEOUT", "CELERY_STOP_GRACE"}
	if strings.HasPrefix(name, "DATABASE_") || slices.Contains(ours, name) {
		return fmt.Errorf("variables that the environment does not set itself, as it does DATABASE_... and %s", strings.Join(ours, ", "))
	}
	return limits.EnvironmentName(name)
}

// secrets reads an object of ARNs, each with an optional JSON key: {NAME: "arn:...#key"}.
func (r *reader) secrets(key string) map[string]Secret {
	secrets := map[string]Secret{}
	pairs := r.pairs(key, variable)
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		arn, jsonKey, _ := strings.Cut(pairs[name], "#")
		r.wrong.Check(r.prefix+key+"."+name, pairs[name], limits.SecretARN(arn))
		secrets[name] = Secret{arn, jsonKey}
	}
	return secrets
}

// memoryFor checks a task's memory against its CPU units. When those are wrong the mistake is theirs, and reported there.
func memoryFor(cpu int) func(int) error {
	return func(memory int) error {
		if limits.FargateCPU(cpu) != nil {
			return nil
		}
		return limits.FargateSize(cpu, memory)
	}
}

// noLessThan checks the largest number of tasks against the least, which the key least holds.
func noLessThan(count int, least string) func(int) error {
	return func(most int) error {
		if most < max(count, 1) {
			return fmt.Errorf("a number of tasks from %d (%s) to 5000", max(count, 1), least)
		}
		return limits.TaskCount(most)
	}
}

// optional lets an empty text pass: the key is not set.
func optional(check func(string) error) func(string) error {
	return func(v string) error {
		if v == "" {
			return nil
		}
		return check(v)
	}
}

// orNone lets 0 pass: the feature is off.
func orNone(check func(int) error) func(int) error {
	return func(v int) error {
		if v == 0 {
			return nil
		}
		return check(v)
	}
}

func percent(v int) error { return limits.Percent(v, 1) }

func atLeastZero(v int) error {
	if v < 0 {
		return errors.New("a number of requests a minute, or 0 for none")
	}
	return nil
}
