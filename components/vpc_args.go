package components

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// Egress is how tasks reach AWS's services and the internet.
type Egress string

const (
	// EgressEndpoints has tasks in isolated subnets. They reach only the AWS services that have an endpoint here, and
	// nothing on the internet.
	EgressEndpoints Egress = "endpoints"
	// EgressNat has tasks in private subnets with one NAT gateway. When its zone fails, no task reaches the internet.
	EgressNat Egress = "nat"
	// EgressNatPerAz has tasks in private subnets with a NAT gateway in each zone.
	EgressNatPerAz Egress = "nat-per-az"
	// EgressPublic has tasks in public subnets with public addresses: the cheapest, for test environments. It does not
	// satisfy the control ECS.2.
	EgressPublic Egress = "public"
)

var egresses = []Egress{EgressEndpoints, EgressNat, EgressNatPerAz, EgressPublic}

// Validate returns an error that says what an egress is, unless e is one.
func (e Egress) Validate() error {
	if slices.Contains(egresses, e) {
		return nil
	}
	return errors.New(`"endpoints", "nat", "nat-per-az" or "public"`)
}

// tiers are the subnets that an egress needs in each zone. Databases are isolated whatever the egress.
func (e Egress) tiers() []ec2.SubnetType {
	if tier := e.applicationTier(); tier == ec2.SubnetTypePrivate {
		return []ec2.SubnetType{ec2.SubnetTypePublic, tier, ec2.SubnetTypeIsolated}
	}
	return []ec2.SubnetType{ec2.SubnetTypePublic, ec2.SubnetTypeIsolated}
}

// applicationTier is where tasks run.
func (e Egress) applicationTier() ec2.SubnetType {
	switch e {
	case EgressNat, EgressNatPerAz:
		return ec2.SubnetTypePrivate
	case EgressPublic:
		return ec2.SubnetTypePublic
	default:
		return ec2.SubnetTypeIsolated
	}
}

// EndpointZones is in which zones interface endpoints are: $7.30 a month each and zone. A task reaches an endpoint in another zone, too, for
// $0.01 per GB, unless that zone fails.
type EndpointZones string

const (
	// EndpointZonesAll has every endpoint in every zone. When a zone fails, tasks run and start in the others.
	EndpointZonesAll EndpointZones = "all"
	// EndpointZonesRunning has those that a running task uses in every zone, and those that only a task that starts uses
	// (ecr.api, ecr.dkr and secretsmanager) in the first. When the first zone fails, the tasks in the others go on, and
	// none starts until it is back: what stops is not replaced, and nothing scales or is deployed. A database password that
	// is rotated meanwhile, which happens every 7 days, cannot be read: new connections to the database fail. When another
	// zone fails, all goes on.
	EndpointZonesRunning EndpointZones = "running"
	// EndpointZonesOne has every endpoint in the first zone. When that fails, running tasks also lose their logs and the queue.
	EndpointZonesOne EndpointZones = "one"
)

// Validate returns an error that says what EndpointZones are, unless z is one of them.
func (z EndpointZones) Validate() error {
	if slices.Contains([]EndpointZones{EndpointZonesAll, EndpointZonesRunning, EndpointZonesOne}, z) {
		return nil
	}
	return errors.New(`"all", "running" or "one"`)
}

// startServices are those that ECS uses to start a task. Only secretsmanager is used later: when the database's password was rotated.
var startServices = []string{"ecr.api", "ecr.dkr", "secretsmanager"}

// inOne says whether the endpoint of a service is in the first zone only.
func (z EndpointZones) inOne(service string) bool {
	return z == EndpointZonesOne || z == EndpointZonesRunning && slices.Contains(startServices, service)
}

// VpcArgs are the arguments of a Vpc. The zero value is a network as production wants it.
type VpcArgs struct {
	// Cidr is the network's IPv4 block, /16 to /24, private. It cannot be changed without replacing everything in the
	// network. Default: "10.0.0.0/16".
	Cidr string `pulumi:"cidr,optional"`
	// Zones is the number of availability zones, 2 to 4. One more can be added later without moving a subnet.
	// Default: 2.
	Zones int `pulumi:"zones,optional"`
	// Egress is how tasks reach AWS's services and the internet. Default: EgressEndpoints. Example:
	// new(components.EgressNat).
	Egress *Egress `pulumi:"egress,optional"`
	// EndpointServices are more services to create endpoints for, by what follows com.amazonaws.<region>. in their name.
	// EgressEndpoints has ecr.api, ecr.dkr, logs, secretsmanager and sqs without being asked, and every network has s3.
	// $7.30 a month each and zone; "dynamodb" is free. Default: none. Example: []string{"xray", "ssmmessages"}.
	EndpointServices []string `pulumi:"endpointServices,optional"`
	// EndpointZones is in which zones the interface endpoints are. Without interface endpoints it means nothing. Default:
	// EndpointZonesAll. Example: new(components.EndpointZonesRunning).
	EndpointZones *EndpointZones `pulumi:"endpointZones,optional"`
	// FlowLogs records the network's connections, accepted and refused, in CloudWatch Logs. Default: true, and false when
	// Ephemeral.
	FlowLogs *bool `pulumi:"flowLogs,optional"`
	// FlowLogRetentionDays is how long those records are kept, one of CloudWatch Logs' own values. Default: 365, and 30
	// when Ephemeral.
	FlowLogRetentionDays int `pulumi:"flowLogRetentionDays,optional"`
	// Ephemeral is for environments that come and go: no flow logs unless asked for. Default: false.
	Ephemeral bool `pulumi:"ephemeral,optional"`
	// Tags for everything in it that takes tags. Default: none. A tag "Name" replaces the names that are given here.
	// Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

// endpointsByDefault are the services without which a task in an isolated subnet cannot start and work: its image, its
// logs, its secrets, its queue.
var endpointsByDefault = []string{"ecr.api", "ecr.dkr", "logs", "secretsmanager", "sqs"}

// gatewayServices have endpoints that are routes: free, and without a network interface.
var gatewayServices = []string{"s3", "dynamodb"}

// withDefaults fills in what was left out and checks the rest.
func (a *VpcArgs) withDefaults(name string) (VpcArgs, error) {
	filled := VpcArgs{}
	if a != nil {
		filled = *a
	}
	retention := 365
	if filled.Ephemeral {
		retention = 30
	}
	filled.Cidr = cmp.Or(filled.Cidr, "10.0.0.0/16")
	filled.Zones = cmp.Or(filled.Zones, 2)
	filled.Egress = cmp.Or(filled.Egress, new(EgressEndpoints))
	filled.EndpointZones = cmp.Or(filled.EndpointZones, new(EndpointZonesAll))
	filled.FlowLogs = cmp.Or(filled.FlowLogs, new(!filled.Ephemeral))
	filled.FlowLogRetentionDays = cmp.Or(filled.FlowLogRetentionDays, retention)
	return filled, filled.check(name)
}

func (a VpcArgs) check(name string) error {
	wrong := invalid.In(fmt.Sprintf("Vpc %q", name))
	wrong.Check("name", name, limits.NamePrefix(name, "-flow-logs", limits.RoleNameLength))
	wrong.Check("cidr", a.Cidr, limits.VpcCIDR(a.Cidr))
	wrong.Check("zones", a.Zones, limits.Zones(a.Zones))
	wrong.Check("egress", string(*a.Egress), a.Egress.Validate())
	wrong.Check("endpointZones", string(*a.EndpointZones), a.EndpointZones.Validate())
	for i, service := range a.EndpointServices {
		field := fmt.Sprintf("endpointServices[%d]", i)
		switch {
		case slices.Contains(a.Egress.Endpoints(), service):
			wrong.Add(field, service, "services that have no endpoint yet; this one is always created, leave it out")
		case slices.Contains(a.EndpointServices[:i], service):
			wrong.Add(field, service, "each service once")
		default:
			wrong.Check(field, service, limits.EndpointService(service))
		}
	}
	wrong.Check("flowLogRetentionDays", a.FlowLogRetentionDays, limits.LogRetention(a.FlowLogRetentionDays))
	checkTags(a.Tags, limits.MaxTags-len(ownTags), wrong)
	return wrong.Err()
}

// Endpoints are the services that an egress has endpoints for without being asked, by their short names.
func (e Egress) Endpoints() []string {
	if e == EgressEndpoints {
		return append([]string{"s3"}, endpointsByDefault...)
	}
	return []string{"s3"}
}

// endpoints are the services that get an endpoint: those with a network interface, and those that are a route.
func (a VpcArgs) endpoints() (interfaces, gateways []string) {
	for _, service := range append(a.Egress.Endpoints(), a.EndpointServices...) {
		if slices.Contains(gatewayServices, service) {
			gateways = append(gateways, service)
		} else {
			interfaces = append(interfaces, service)
		}
	}
	return interfaces, gateways
}

// ownTags are those that a subnet has besides: a name, and the tier that awsx notes.
var ownTags = []string{"Name", "SubnetType"}

// tagged is the tags of a resource, with a name that people find it by in the console.
func (a VpcArgs) tagged(name string) pulumi.StringMap {
	tags := map[string]string{"Name": name}
	maps.Copy(tags, a.Tags)
	return pulumi.ToStringMap(tags)
}
