// Package config reads a stack's configuration into the arguments of the components: typed, with the defaults that
// Pulumi.yaml documents, and all mistakes at once, each naming its key. main.go adds what the components give each other.
package config

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
	"slipway/internal/limits"
)

// Config is the configuration of one stack: the delivery pipeline, the roles by which a stack is deployed, or an environment. Pulumi.yaml says what
// each key means.
type Config struct {
	Pipeline    *components.CodePipelineArgs // nil for an environment; otherwise there is nothing else
	DeployRoles *components.DeployRolesArgs  // likewise

	Shared     *Shared                          // nil for an environment with a network and a database of its own
	Network    *components.VpcArgs              // nil where shared
	Database   *components.AuroraServerlessArgs // nil where shared
	Image      *components.ImageArgs
	SessionKey *components.GeneratedSecretArgs
	Web        *components.WebServiceArgs
	Site       *components.StaticSiteArgs   // nil for none
	Queue      *components.QueueArgs        // nil for no workers
	Workers    *components.QueueWorkersArgs // nil for none
	Alarms     *components.AlarmTopicArgs   // nil where shared
	Dashboard  bool
}

// environment is what all parts of an environment have in common.
type environment struct {
	ephemeral        bool
	alarms           bool // those that are for people only
	accessLogs       bool
	logRetentionDays int
}

// Load reads the configuration of the stack that ctx is running for. The error names every key that is wrong, with what
// it got and what it takes.
func Load(ctx *pulumi.Context) (*Config, error) {
	return newReader(ctx).load()
}

func (r *reader) load() (*Config, error) {
	var c *Config
	switch {
	case r.hasDeployRoles():
		c = &Config{DeployRoles: r.deployRoles()}
	case r.isPipeline():
		c = &Config{Pipeline: r.pipeline()}
	default:
		c = r.environment()
	}
	r.refuseUnknown()
	if err := r.wrong.Err(); err != nil {
		return nil, fmt.Errorf("%w\nNothing was deployed", err)
	}
	return c, nil
}

func (r *reader) environment() *Config {
	r.known = append(r.known, pipelineKeys...) // of no effect here
	alarms := r.alarms()
	ephemeral := r.boolean("ephemeral", false)
	env := environment{
		ephemeral:        ephemeral,
		alarms:           !ephemeral || len(alarms.Emails) > 0,
		accessLogs:       r.boolean("accessLogs", true),
		logRetentionDays: r.integer("logRetentionDays", 365, limits.LogRetention),
	}
	c := &Config{
		Network:    r.network(env),
		Database:   r.database(env),
		SessionKey: &components.GeneratedSecretArgs{Description: "Signs the web application's sessions", Ephemeral: env.ephemeral},
		Web:        r.web(env),
		Site:       r.site(env),
		Queue:      r.queue(env),
		Alarms:     alarms,
		Dashboard:  r.boolean("dashboard", true),
	}
	c.Image = r.image(env, c.Web.Architecture)
	c.Workers = r.workers(env, c.Web)
	if shared := r.shared(env); shared != nil {
		shared.use(c)
	} else {
		r.checkDomains(c, env)
		r.checkPull(c)
	}
	if !r.boolean("staticSite", true) {
		c.Site = nil
	}
	if !r.boolean("queueWorkers", true) {
		c.Queue, c.Workers = nil, nil
	}
	return c
}

// checkPull checks that tasks reach the image that exists.
func (r *reader) checkPull(c *Config) {
	image := c.Image.Prebuilt
	if image == "" || limits.ImageByDigest(image) != nil || r.region == "" || *c.Network.Egress != components.EgressEndpoints {
		return
	}
	if err := limits.ImageByEndpoints(image, r.region); err != nil {
		r.wrong.Add(r.prefix+"image", image, err.Error()+"; set "+r.prefix+"egress to nat, nat-per-az or public for others")
	}
}

// checkDomains checks the names of an environment with a load balancer and a static site of its own.
func (r *reader) checkDomains(c *Config, env environment) {
	if c.Web.HostedZone != "" && c.Web.DomainName == "" {
		r.wrong.Add(r.prefix+"hostedZone", c.Web.HostedZone, "no value without "+r.prefix+"domain")
	}
	if c.Web.Wildcard && c.Web.DomainName == "" {
		r.wrong.Add(r.prefix+"domainWildcard", true, "no value without "+r.prefix+"domain")
	}
	if limits.DomainName(c.Web.DomainName) == nil && limits.DomainName(c.Web.HostedZone) == nil {
		r.wrong.Check(r.prefix+"hostedZone", c.Web.HostedZone, limits.DomainInZone(c.Web.DomainName, c.Web.HostedZone))
	}
	if c.Web.DomainName == "" && !env.ephemeral {
		r.wrong.Add(r.prefix+"domain", "", `a domain name such as "app.example.com" whose zone is in Route 53; without one there is no HTTPS, which only a stack with slipway:ephemeral true may do without`)
	}
	if c.Site.DomainName != "" && c.Site.DomainName == c.Web.DomainName {
		r.wrong.Add(r.prefix+"staticDomain", c.Site.DomainName, "another name than slipway:domain, such as static."+c.Web.DomainName)
	}
}
