// Package sharing is what a stack lets shared test environments use, and the names that those get in it.
package sharing

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/limits"
)

// Output is the stack output that has the Base.
const Output = "shared"

// Base is what a stack lets others use. There are no secrets in it, so that no other output becomes one with it.
type Base struct {
	VpcId          string       `json:"vpcId"`
	SubnetIds      []string     `json:"subnetIds"`      // of tasks
	AssignPublicIp bool         `json:"assignPublicIp"` // tasks reach nothing without a public address
	ClusterArn     string       `json:"clusterArn"`     // of ECS
	LoadBalancer   LoadBalancer `json:"loadBalancer"`
	Database       Database     `json:"database"`
}

// LoadBalancer is the one that requests come by.
type LoadBalancer struct {
	ListenerArn     string `json:"listenerArn"` // the one that forwards
	DnsName         string `json:"dnsName"`
	SecurityGroupId string `json:"securityGroupId"`
	Domain          string `json:"domain"`   // the name on its certificate; empty for HTTP
	Wildcard        bool   `json:"wildcard"` // the certificate and the records cover *.Domain too
}

// Database is a cluster of Aurora PostgreSQL.
type Database struct {
	Endpoint        string `json:"endpoint"`
	Port            int    `json:"port"`
	Name            string `json:"name"`       // of the stack's own database
	SecretArn       string `json:"secretArn"`  // the master user's
	ClusterArn      string `json:"clusterArn"` // for the RDS Data API
	SecurityGroupId string `json:"securityGroupId"`
	SslMode         string `json:"sslMode"`
}

// Parse reads the Base out of the stack output as Pulumi gives it to a program, or as JSON decodes it; nil is no output.
func Parse(output any, stack string) (Base, error) {
	var base Base
	if output == nil {
		return base, fmt.Errorf("the stack %s shares nothing: it is not deployed, was destroyed, is not ephemeral, or is a shared environment itself; deploy it first: pulumi up -s %s", stack, stack)
	}
	encoded, err := json.Marshal(output)
	if err != nil {
		return base, fmt.Errorf("the output %s of the stack %s: %w", Output, stack, err)
	}
	if err := json.Unmarshal(encoded, &base); err != nil {
		return base, fmt.Errorf("the output %s of the stack %s: %w", Output, stack, err)
	}
	if missing := base.missing(); len(missing) > 0 {
		return base, fmt.Errorf("the output %s of the stack %s lacks %s; deploy that with this version of the program: pulumi up -s %s", Output, stack, strings.Join(missing, ", "), stack)
	}
	return base, nil
}

// missing are the fields without a value that every stack has.
func (b Base) missing() (names []string) {
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"vpcId", b.VpcId != ""},
		{"subnetIds", len(b.SubnetIds) > 0},
		{"clusterArn", b.ClusterArn != ""},
		{"loadBalancer.listenerArn", b.LoadBalancer.ListenerArn != ""},
		{"loadBalancer.dnsName", b.LoadBalancer.DnsName != ""},
		{"loadBalancer.securityGroupId", b.LoadBalancer.SecurityGroupId != ""},
		{"database.endpoint", b.Database.Endpoint != ""},
		{"database.port", b.Database.Port != 0},
		{"database.name", b.Database.Name != ""},
		{"database.secretArn", b.Database.SecretArn != ""},
		{"database.clusterArn", b.Database.ClusterArn != ""},
		{"database.securityGroupId", b.Database.SecurityGroupId != ""},
		{"database.sslMode", b.Database.SslMode != ""},
	} {
		if !field.given {
			names = append(names, field.name)
		}
	}
	return names
}

// InRegion checks that a stack in that region can use it.
func (b Base) InRegion(region string) error {
	parts := strings.Split(b.LoadBalancer.ListenerArn, ":") // arn:aws:elasticloadbalancing:<region>:...
	if len(parts) > 3 && parts[3] != region {
		return fmt.Errorf("it is in %s and this stack in %s; set aws:region to %s", parts[3], region, parts[3])
	}
	return nil
}

// DatabaseName is the database of a shared environment in the stack's cluster, such as app_pr_1 for the stack pr-1.
func (b Base) DatabaseName(stack string) (string, error) {
	name := b.Database.Name + "_" + strings.ReplaceAll(stack, "-", "_")
	if err := limits.DatabaseName(name); err != nil {
		return "", fmt.Errorf("the database would be called %s, which takes %w; a shorter name of this stack, or databaseName of the other, makes it that", name, err)
	}
	return name, nil
}

// testDomain is a top-level domain that nobody has (RFC 6761).
const testDomain = "test"

// Host is the name of a shared environment's website, and whether it is reached by HTTPS. domain is what its configuration says:
// its own name, or the base's, which it was copied with.
func (b Base) Host(stack, domain string) (host string, https bool, err error) {
	base := b.LoadBalancer.Domain
	switch {
	case base == "" && domain == "":
		return stack + "." + testDomain, false, nil
	case base == "":
		return domain, false, nil
	case !b.LoadBalancer.Wildcard:
		return "", false, errors.New("its certificate is for " + base + " alone; set domainWildcard true there and deploy it")
	case domain == "" || domain == base:
		return stack + "." + base, true, nil
	case limits.ParentDomain(domain) != base:
		return "", false, fmt.Errorf("its certificate covers names one label below %s, such as %s.%s, and not %s, which this stack has as domain; take such a name, or none", base, stack, base, domain)
	}
	return domain, true, nil
}
