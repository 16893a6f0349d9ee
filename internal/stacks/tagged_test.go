package stacks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTaggingAPI asks an API that has two pages.
func TestTaggingAPI(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	denied := false
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "ResourceGroupsTaggingAPI_20170126.GetResources", r.Header.Get("X-Amz-Target"))
		assert.Contains(t, r.Header.Get("Authorization"), "/eu-west-1/tagging/aws4_request")
		var asked struct {
			PaginationToken string
			TagFilters      []struct {
				Key    string
				Values []string
			}
		}
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&asked))
		if assert.Len(t, asked.TagFilters, 1) {
			assert.Equal(t, "slipway:stack", asked.TagFilters[0].Key)
			assert.Equal(t, []string{"shop/staging"}, asked.TagFilters[0].Values)
		}
		answer := `{"PaginationToken": "more", "ResourceTagMappingList": [{"ResourceARN": "arn:1", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}]}]}`
		if asked.PaginationToken == "more" {
			answer = `{"PaginationToken": "", "ResourceTagMappingList": [{"ResourceARN": "arn:2"}]}`
		}
		if denied {
			w.WriteHeader(http.StatusBadRequest)
			answer = `{"__type": "AccessDeniedException", "message": "not authorized to perform: tag:GetResources"}`
		}
		fmt.Fprint(w, answer)
	}))
	defer api.Close()
	found, err := (&TaggingAPI{Endpoint: api.URL}).Find(t.Context(), "", "eu-west-1", "slipway:stack", "shop/staging")
	require.NoError(t, err)
	assert.Equal(t, []Tagged{{"arn:1", map[string]string{"a": "b", "c": ""}}, {"arn:2", map[string]string{}}}, found)

	denied = true
	_, err = (&TaggingAPI{Endpoint: api.URL}).Find(t.Context(), "", "eu-west-1", "slipway:stack", "shop/staging")
	require.ErrorContains(t, err, "tag:GetResources")
}

func TestWhatAnARNIdentifies(t *testing.T) {
	t.Parallel()
	const region = ":us-east-1:123456789012:"
	for _, c := range []struct{ arn, resource, name, typ, id string }{
		{"arn:aws:ec2" + region + "vpc/vpc-1", "aws:ec2/vpc:Vpc::network", "", "aws:ec2/vpc:Vpc", "vpc-1"},
		{"arn:aws:ec2" + region + "subnet/subnet-1", "", "network-vpc-public-1", "aws:ec2/subnet:Subnet", "subnet-1"},
		{"arn:aws:ec2" + region + "security-group-rule/sgr-1", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule::out", "", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "sgr-1"},
		{"arn:aws:sqs" + region + "jobs-1a2b3c4", "aws:sqs/queue:Queue::jobs", "", "aws:sqs/queue:Queue", "https://sqs.us-east-1.amazonaws.com/123456789012/jobs-1a2b3c4"},
		{"arn:aws:rds" + region + "cluster:db-1a2b3c4", "aws:rds/cluster:Cluster::db", "", "aws:rds/cluster:Cluster", "db-1a2b3c4"},
		{"arn:aws:logs" + region + "log-group:web-1a2b3c4:*", "aws:cloudwatch/logGroup:LogGroup::web", "", "aws:cloudwatch/logGroup:LogGroup", "web-1a2b3c4"},
		{"arn:aws:ecs" + region + "service/web/web-1", "aws:ecs/service:Service::web", "", "aws:ecs/service:Service", "arn:aws:ecs" + region + "service/web/web-1"},
		{"arn:aws:s3:::files-1a2b3c4", "aws:s3/bucketV2:BucketV2::files", "", "aws:s3/bucketV2:BucketV2", "files-1a2b3c4"},
		{"arn:aws:ecs" + region + "task/web/1", "aws:ecs/service:Service::web", "", "", ""}, // it has the tags of its service
		{"arn:aws:iam" + region + "role/web", "aws:iam/role:Role::web", "", "", ""},
		{"no ARN", "aws:iam/role:Role::web", "", "", ""},
	} {
		tags := map[string]string{"slipway:stack": "shop/staging"}
		if c.resource != "" {
			tags["slipway:resource"] = c.resource
		}
		if c.name != "" {
			tags["Name"], c.resource = c.name, c.typ+"::"+c.name
		}
		resource, typ, id := Tagged{c.arn, tags}.identify()
		assert.Equal(t, c.typ, typ, c.arn)
		assert.Equal(t, c.id, id, c.arn)
		if id != "" {
			assert.Equal(t, c.resource, resource)
		}
	}
	_, _, id := Tagged{"arn:aws:secretsmanager" + region + "secret:shop/staging/KEY-AbCdEf", map[string]string{"slipway:stack": "shop/staging", "slipway:secret": "KEY"}}.identify()
	assert.Empty(t, id, "what people have set is no stray of a run")
}

// fakeTags are what is tagged in each region.
type fakeTags struct {
	found map[string][]Tagged
	asked []string
	err   error
}

func (f *fakeTags) Find(_ context.Context, profile, region, tag, value string) ([]Tagged, error) {
	f.asked = append(f.asked, strings.Join([]string{profile, region, tag, value}, " "))
	return f.found[region], f.err
}

func tagged(arn, resource string) Tagged {
	return Tagged{arn, map[string]string{"slipway:stack": "shop/staging", "slipway:resource": resource}}
}

const (
	provider   = `{"urn": "urn:pulumi:staging::shop::pulumi:providers:aws::default", "type": "pulumi:providers:aws", "custom": true, "id": "p", "inputs": {"region": "eu-west-1", "profile": "shop"}}`
	networkTag = "aws:ec2/vpc:Vpc::network"
	jobsTag    = "aws:sqs/queue:Queue::jobs"
)

func TestRecoverByTags(t *testing.T) {
	t.Parallel()
	f := died()
	f.state = strings.Replace(f.state, `"resources": [`, `"resources": [`+provider+",", 1)
	tags := &fakeTags{found: map[string][]Tagged{"eu-west-1": {
		tagged("arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1", networkTag),
		tagged("arn:aws:sqs:eu-west-1:123456789012:jobs-1a2b3c4", jobsTag),
		tagged("arn:aws:sns:eu-west-1:123456789012:alarms", "aws:sns/topic:Topic::alarms"),
	}}}
	at := &Stacks{Place: f, Tags: tags, Stderr: &f.said}
	require.NoError(t, at.Recover(t.Context(), "staging", Known{}))
	assert.Equal(t, []string{"shop us-east-1 slipway:stack shop/staging", "shop eu-west-1 slipway:stack shop/staging"}, tags.asked)
	assert.Equal(t, []string{"default p", "web web-1a2b3c4", "network vpc-1", "jobs https://sqs.eu-west-1.amazonaws.com/123456789012/jobs-1a2b3c4"}, f.resources(t))
	assert.Empty(t, f.pending(t))
	assert.Contains(t, f.said.String(), "imported:\n  aws:sqs/queue:Queue jobs (https://sqs.eu-west-1.amazonaws.com/123456789012/jobs-1a2b3c4)\n  aws:ec2/vpc:Vpc network (vpc-1)\n")
	assert.True(t, strings.HasSuffix(f.said.String(), "delete them:\n  aws:sns/topic:Topic alarms (arn:aws:sns:eu-west-1:123456789012:alarms)\n"), f.said.String())
}

// TestTagsThatTellTooLittle: of two with the same tags one may be gone, and what the state has is kept.
func TestTagsThatTellTooLittle(t *testing.T) {
	t.Parallel()
	f := died()
	tags := &fakeTags{found: map[string][]Tagged{"us-east-1": {
		tagged("arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1", networkTag), tagged("arn:aws:ec2:us-east-1:123456789012:vpc/vpc-2", networkTag),
	}}}
	err := (&Stacks{Place: f, Tags: tags, Stderr: &f.said}).Recover(t.Context(), "staging", Known{})
	require.ErrorContains(t, err, "Values=10.0.0.0/16; its tags are on vpc-1, vpc-2\n")
	require.ErrorContains(t, err, "--import 'aws:sqs/queue:Queue::jobs=ID'")
	assert.NotContains(t, f.calls, "stack import")

	known := Known{Made: map[string]string{networkTag: "vpc-2"}, RestMissing: true}
	require.NoError(t, (&Stacks{Place: f, Tags: tags, Stderr: &f.said}).Recover(t.Context(), "staging", known))
	assert.Equal(t, []string{"web web-1a2b3c4", "network vpc-2"}, f.resources(t))
	assert.Contains(t, f.said.String(), "delete them:\n  aws:ec2/vpc:Vpc network (vpc-1)\n")
}

// TestWithoutAnAnswer: credentials without tag:GetResources recover a stack all the same.
func TestWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	f := died()
	at := &Stacks{Place: f, Tags: &fakeTags{err: errors.New("AccessDeniedException")}, Stderr: &f.said}
	var unknown *UnknownError
	require.ErrorAs(t, at.Recover(t.Context(), "staging", Known{}), &unknown)
	assert.Equal(t, "slipway: looking for what has the stack's tags in us-east-1: AccessDeniedException. Nothing is found by its tags\n", f.said.String())
}
