package localserve

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
)

func object(typ, id, name string, properties map[string]any) localaws.Object {
	return localaws.Object{Type: typ, ID: id, Region: "eu-west-1", URN: "urn:pulumi:staging::shop::" + typ + "::" + name, Properties: properties}
}

// someStack is a stack with a domain of its own, and what another one has beside it.
func someStack() *registered {
	balancer := "web-alb-1.eu-west-1.elb.amazonaws.com"
	other := object(loadBalancerType, "other", "web-alb", map[string]any{"dnsName": "other.elb.amazonaws.com"})
	other.URN = "urn:pulumi:prod::shop::x::web-alb"
	return &registered{stack: "staging", region: "eu-west-1", objects: []localaws.Object{
		other,
		object(clusterType, "database-1", "database", map[string]any{
			"endpoint": "database-1.cluster-c1.eu-west-1.rds.amazonaws.com", "readerEndpoint": "database-1.cluster-ro-c1.eu-west-1.rds.amazonaws.com", "port": 5432.0,
		}),
		object(queueType, "https://sqs.eu-west-1.amazonaws.com/123456789012/tasks", "queue", nil),
		object(bucketType, "files", "bucket", map[string]any{"bucket": "files", "bucketRegionalDomainName": "files.s3.eu-west-1.amazonaws.com"}),
		object(loadBalancerType, "alb", "web-alb", map[string]any{"dnsName": balancer}),
		object(recordType, "r", "web-record", map[string]any{"name": "app.example.com", "aliases": []any{map[string]any{"name": balancer}}}),
		object(recordType, "r6", "web-record-ipv6", map[string]any{"name": "app.example.com", "aliases": []any{map[string]any{"name": balancer}}}),
		object(listenerRuleType, "rule", "web-hosts", map[string]any{
			"conditions": []any{map[string]any{"hostHeader": map[string]any{"values": []any{"pr-1.app.example.com"}}}},
		}),
		object(distributionType, "d", "site", map[string]any{"domainName": "d1.cloudfront.net", "aliases": []any{"static.example.com"}}),
	}}
}

func TestAddressesAreTranslated(t *testing.T) {
	t.Parallel()
	local := endpoints{Host: "127.0.0.1", Database: 40001, AWS: 40002, Web: 8000, Site: 8001}
	for name, test := range map[string]struct{ given, want map[string]string }{
		"the endpoint of the database, and the port beside it": {
			given: map[string]string{"DATABASE_HOST": "database-1.cluster-c1.eu-west-1.rds.amazonaws.com", "DATABASE_PORT": "5432", "OTHER_PORT": "5432"},
			want:  map[string]string{"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": "40001", "OTHER_PORT": "5432"},
		},
		"a URL of the database": {
			given: map[string]string{"URL": "postgres://database-1.cluster-ro-c1.eu-west-1.rds.amazonaws.com:5432/app"},
			want:  map[string]string{"URL": "postgres://127.0.0.1:40001/app"},
		},
		"a queue": {
			given: map[string]string{"QUEUE": "https://sqs.eu-west-1.amazonaws.com/123456789012/tasks"},
			want:  map[string]string{"QUEUE": "http://127.0.0.1:40002/123456789012/tasks"},
		},
		"a bucket by URL and by name": {
			given: map[string]string{"URL": "https://files.s3.eu-west-1.amazonaws.com/a", "BUCKET": "files"},
			want:  map[string]string{"URL": "http://127.0.0.1:40002/files/a", "BUCKET": "files"},
		},
		"the load balancer, its domain, and what another stack's forwards": {
			given: map[string]string{"A": "http://web-alb-1.eu-west-1.elb.amazonaws.com", "B": "https://app.example.com", "C": "https://pr-1.app.example.com/x", "D": "app.example.com,other"},
			want:  map[string]string{"A": "http://localhost:8000", "B": "http://localhost:8000", "C": "http://localhost:8000/x", "D": "localhost,other"},
		},
		"the static site": {
			given: map[string]string{"A": "https://d1.cloudfront.net/x", "B": "static.example.com"},
			want:  map[string]string{"A": "http://localhost:8001/x", "B": "localhost:8001"},
		},
		"nothing else": {
			given: map[string]string{"A": "http://other.elb.amazonaws.com", "HOST": "", "PORT": "8000", "ARN": "arn:aws:s3:::files"},
			want:  map[string]string{"A": "http://other.elb.amazonaws.com", "HOST": "", "PORT": "8000", "ARN": "arn:aws:s3:::files"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, translate(test.given, someStack().addresses(local), local))
		})
	}
}

func TestWithoutASiteItsAddressStays(t *testing.T) {
	t.Parallel()
	local := endpoints{Host: "127.0.0.1", Database: 1, AWS: 2, Web: 8000}
	given := map[string]string{"A": "d1.cloudfront.net"}
	assert.Equal(t, given, translate(given, someStack().addresses(local), local))
}

func TestReadRegistered(t *testing.T) {
	t.Parallel()
	containers := `[{"name":"release","essential":false,"command":["release"]},
		{"name":"worker","stopTimeout":120,"dependsOn":[{"containerName":"release","condition":"SUCCESS"}],"secrets":[{"name":"KEY","valueFrom":"arn:a"}]}]`
	task := func(family, containers string) localaws.Object {
		arn := "arn:aws:ecs:eu-west-1:123456789012:task-definition/" + family
		return object(taskType, arn+":1", family, map[string]any{"arn": arn + ":1", "arnWithoutRevision": arn, "family": family, "memory": "512", "containerDefinitions": containers})
	}
	web, workers := task("web", `[{"name":"web","portMappings":[{"containerPort":80}]}]`), task("workers", containers)
	objects := []localaws.Object{
		web, workers,
		object(targetGroupType, "tg", "tg", map[string]any{"arn": "arn:tg", "healthCheck": map[string]any{"path": "/up", "matcher": "200", "interval": 5.0}}),
		object(serviceType, "b", "workers-service", map[string]any{"taskDefinition": workers.Properties["arn"], "desiredCount": 0.0}),
		object(serviceType, "a", "web-service", map[string]any{
			"taskDefinition": web.Properties["arn"], "desiredCount": 2.0, "healthCheckGracePeriodSeconds": 60.0,
			"loadBalancers": []any{map[string]any{"containerName": "web", "containerPort": 80.0, "targetGroupArn": "arn:tg"}},
		}),
		object(scheduleType, "s", "workers-clear", map[string]any{"scheduleExpression": "rate(1 day)", "target": map[string]any{
			"ecsParameters": map[string]any{"taskDefinitionArn": workers.Properties["arn"]},
			"input":         `{"containerOverrides":[{"name":"worker","command":["python3","clear.py"]}]}`,
		}}),
	}
	r, err := readRegistered(objects, "staging")
	require.NoError(t, err)
	require.Len(t, r.services, 2)
	assert.Equal(t, "web", r.services[0].name, "what people reach comes first")
	assert.Equal(t, "/up", r.services[0].targets[0].check.Path)
	assert.Equal(t, "worker", r.services[1].main().Name)
	assert.Equal(t, "2m0s", r.services[1].main().stopTimeout().String())
	assert.Equal(t, "30s", r.services[0].main().stopTimeout().String(), "Fargate's default")
	assert.Equal(t, []job{{"clear", "rate(1 day)", "workers", []string{"python3", "clear.py"}}}, r.jobs)
	assert.True(t, r.uses("arn:a"))

	for name, want := range map[string]string{"": "workers", "web": "web", "worker": "workers", "workers": "workers"} {
		s, err := r.serviceNamed(name)
		require.NoError(t, err)
		assert.Equal(t, want, s.name)
	}
	_, err = r.serviceNamed("api")
	require.EqualError(t, err, `the stack staging has no service "api"; it has web, workers`)
	_, err = readRegistered(objects, "prod")
	require.EqualError(t, err, "the stack prod has no service on the embedded AWS; deploy it first: make up STACK=prod")
	_, err = readRegistered(objects[2:], "staging")
	require.ErrorContains(t, err, "its task definition arn:aws:ecs:eu-west-1:123456789012:task-definition/workers:1 does not exist")
}
