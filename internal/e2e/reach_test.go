package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/netreach"
)

const (
	loadBalancer = "aws:lb/loadBalancer:LoadBalancer"
	ecsService   = "aws:ecs/service:Service"
	rdsCluster   = "aws:rds/cluster:Cluster"
	vpcEndpoint  = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

// way is a connection that is meant to be there.
type way struct {
	from, to string
	port     int
}

// meant are the ways that staging and prod have, and why. The rest is closed: of everything, to everything, on every port that a rule names
// or that is next to one.
func meant() map[way]bool {
	ways := map[way]bool{}
	add := func(from, to string, ports ...int) {
		for _, port := range ports {
			ways[way{from, to, port}] = true
		}
	}
	// Visitors. Staging has no domain, and so no HTTPS; production's tasks have no way to the internet.
	for _, from := range []string{netreach.World, "staging web", "staging workers"} {
		add(from, "staging balancer", 80)
		add(from, "prod balancer", 80, 443)
	}
	for _, stack := range []string{"staging", "prod"} {
		add(stack+" balancer", stack+" web", 8000)
		add(stack+" web", stack+" database", 5432)
		add(stack+" workers", stack+" database", 5432)
	}
	// Tasks in production reach AWS by endpoints, and their own load balancer inside of the VPC.
	for _, from := range []string{"prod web", "prod workers"} {
		add(from, "prod balancer", 80, 443)
		for _, service := range []string{"ecr-api", "ecr-dkr", "logs", "secretsmanager", "sqs"} {
			add(from, "prod endpoint "+service, 443)
		}
	}
	return ways
}

// TestNothingReachesWhatItNeedNot asks for every connection between all that has an address, in both stacks, and the world.
func TestNothingReachesWhatItNeedNot(t *testing.T) {
	t.Parallel()
	p := bothStacks(t)
	network := netreach.Of(p.account())
	ends, ports := map[string]string{netreach.World: netreach.World}, map[int]bool{22: true, 2049: true, 5432: true, 8000: true, 65535: true}
	for _, stack := range []string{"staging", "prod"} {
		d := p.deployed(stack)
		for name, resource := range map[string]string{"balancer": loadBalancer + " web-alb", "web": ecsService + " web-service", "workers": ecsService + " workers-service", "database": rdsCluster + " database-cluster"} {
			require.Contains(t, d.objects, resource)
			ends[stack+" "+name] = d.objects[resource].ID
		}
		for _, o := range d.objects {
			if o.Type == vpcEndpoint && o.Properties["vpcEndpointType"] == "Interface" {
				ends[stack+" endpoint "+short(o.URN)[len(vpcEndpoint+" network-endpoint-"):]] = o.ID
			}
			for _, property := range []string{"fromPort", "toPort"} {
				if port, ok := o.Properties[property].(float64); ok {
					ports[int(port)-1], ports[int(port)], ports[int(port)+1] = true, true, true
				}
			}
		}
	}
	open := meant()
	for w := range open {
		require.Contains(t, ends, w.from)
		require.Contains(t, ends, w.to)
		require.True(t, ports[w.port])
	}
	asked := 0
	for from, fromID := range ends {
		for to, toID := range ends {
			if to == netreach.World { // what leaves is the next test's
				continue
			}
			for port := range ports {
				asked++
				reach, err := network.Reach(netreach.Connection{From: fromID, To: toID, Port: port})
				require.NoError(t, err)
				want := netreach.Closed
				if open[way{from, to, port}] {
					want = netreach.Open
				}
				assert.Equal(t, want, reach.Verdict(), "from %s to %s on port %d: %v", from, to, port, reach)
			}
		}
	}
	assert.Greater(t, asked, 2000, "connections")
}

// TestWhatLeavesTheNetwork: staging's tasks have public addresses, production's only endpoints; databases and balancers call nobody.
func TestWhatLeavesTheNetwork(t *testing.T) {
	t.Parallel()
	p := bothStacks(t)
	network := netreach.Of(p.account())
	tasks := []string{ecsService + " web-service", ecsService + " workers-service"}
	quiet := []string{loadBalancer + " web-alb", rdsCluster + " database-cluster"}
	verdict := func(stack, from, to string) netreach.Verdict {
		reach, err := network.Reach(netreach.Connection{From: p.deployed(stack).objects[from].ID, To: to, Port: 443})
		require.NoError(t, err)
		return reach.Verdict()
	}
	for _, stack := range []string{"staging", "prod"} {
		for _, from := range tasks {
			for _, service := range []string{"ecr.api", "ecr.dkr", "logs", "secretsmanager", "sqs", "s3"} {
				assert.Equal(t, netreach.Open, verdict(stack, from, "com.amazonaws.us-east-1."+service), "%s: %s to %s", stack, from, service)
			}
		}
		for _, from := range quiet {
			assert.Equal(t, netreach.Closed, verdict(stack, from, netreach.World), "%s: %s", stack, from)
			assert.Equal(t, netreach.Closed, verdict(stack, from, "com.amazonaws.us-east-1.s3"), "%s: %s", stack, from)
		}
	}
	for _, from := range tasks {
		assert.Equal(t, netreach.Open, verdict("staging", from, netreach.World), from)
		assert.Equal(t, netreach.Closed, verdict("prod", from, netreach.World), from)
		assert.Equal(t, netreach.Closed, verdict("prod", from, "com.amazonaws.us-east-1.ssmmessages"), "%s: nobody asked for ECS Exec", from)
	}
}
