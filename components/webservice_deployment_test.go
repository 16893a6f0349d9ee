package components_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

// waitsFor returns "<type> <name>" of all that a resource waits for, directly or not.
func (r *recorder) waitsFor(t testing.TB, token, name string) []string {
	t.Helper()
	byUrn := map[string]pulumi.MockResourceArgs{}
	for _, res := range r.resources {
		if res.RegisterRPC != nil {
			byUrn[res.RegisterRPC.GetParent()+" "+res.TypeToken+" "+res.Name] = res
		}
	}
	find := func(urn string) (pulumi.MockResourceArgs, bool) {
		for _, res := range byUrn {
			if strings.HasSuffix(urn, res.TypeToken+"::"+res.Name) {
				return res, true
			}
		}
		return pulumi.MockResourceArgs{}, false
	}
	seen := map[string]bool{}
	var follow func(pulumi.MockResourceArgs)
	follow = func(res pulumi.MockResourceArgs) {
		for _, urn := range res.RegisterRPC.GetDependencies() {
			next, ok := find(urn)
			key := next.TypeToken + " " + next.Name
			if ok && !seen[key] {
				seen[key] = true
				follow(next)
			}
		}
	}
	follow(r.find(t, token, name))
	return slices.Sorted(maps.Keys(seen))
}

// TestWebServiceEdges holds the order of a deployment: what can be made at the same time is, and tasks start last.
func TestWebServiceEdges(t *testing.T) {
	t.Parallel()
	r := webRecorder()
	require.NoError(t, r.run(func(ctx *pulumi.Context) error {
		repository, err := s3.NewBucketV2(ctx, "image", nil)
		if err != nil {
			return err
		}
		endpoint, err := s3.NewBucketV2(ctx, "endpoint", nil)
		if err != nil {
			return err
		}
		args := webInputs()
		args.Image = repository.ID().ApplyT(func(pulumi.ID) string { return webImage }).(pulumi.StringOutput)
		args.Connections = []components.Connection{fakeDatabase{}}
		args.StartAfter = []pulumi.Resource{endpoint}
		_, err = components.NewWebService(ctx, "web", args)
		return err
	}))
	service := r.waitsFor(t, ecsService, "web-service")
	for _, needed := range []string{
		listener + " web-https", rolePolicy + " web-execution-policy", egressRule + " web-tasks-to-world", egressRule + " web-alb-to-tasks",
		ingressRule + " web-tasks-from-alb", "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders web-capacity",
		"aws:s3/bucketV2:BucketV2 web-database", "aws:s3/bucketV2:BucketV2 endpoint", "aws:s3/bucketV2:BucketV2 image",
	} {
		assert.Contains(t, service, needed)
	}
	assert.NotContains(t, service, scalingTarget+" web-scaling")
	for _, free := range []struct{ token, name string }{{loadBalancer, "web-alb"}, {listener, "web-https"}, {targetGroup, "web-tg"}, {ecsCluster, "web-cluster"}} {
		for _, unneeded := range []string{"image", "endpoint", "web-database"} {
			assert.NotContains(t, r.waitsFor(t, free.token, free.name), "aws:s3/bucketV2:BucketV2 "+unneeded)
		}
	}
	assert.Contains(t, r.waitsFor(t, scalingTarget, "web-scaling"), ecsService+" web-service")

	assert.Contains(t, r.waitsFor(t, rolePolicy, "web-execution-policy"), "aws:s3/bucketV2:BucketV2 image", "its repository is read from it")

	rpc := r.find(t, ecsService, "web-service").RegisterRPC
	assert.Equal(t, []string{"desiredCount"}, rpc.GetIgnoreChanges(), "auto scaling owns the count")
	assert.Equal(t, "15m", rpc.GetCustomTimeouts().GetCreate(), "three tasks that stay unhealthy, one after the other")
	assert.Equal(t, "15m", rpc.GetCustomTimeouts().GetUpdate())
}

// TestWebServiceNewImageChangesNoPolicy holds with a repository that is known before its image is built.
func TestWebServiceNewImageChangesNoPolicy(t *testing.T) {
	t.Parallel()
	const repository = "arn:aws:ecr:eu-central-1:123456789012:repository/app-repository-1234567"
	for _, given := range []string{repository, ""} {
		r := webRecorder()
		require.NoError(t, r.run(func(ctx *pulumi.Context) error {
			built, err := s3.NewBucketV2(ctx, "image", nil)
			if err != nil {
				return err
			}
			args := webInputs()
			args.Image = built.ID().ApplyT(func(pulumi.ID) string { return webImage }).(pulumi.StringOutput)
			args.RepositoryArn = pulumi.String(given)
			_, err = components.NewWebService(ctx, "web", args)
			return err
		}))
		assert.Contains(t, r.find(t, rolePolicy, "web-execution-policy").Inputs["policy"].StringValue(), repository)
		waits := assert.Contains
		if given != "" {
			waits = assert.NotContains
		}
		waits(t, r.waitsFor(t, rolePolicy, "web-execution-policy"), "aws:s3/bucketV2:BucketV2 image")
		assert.Contains(t, r.waitsFor(t, taskDefinition, "web-task"), "aws:s3/bucketV2:BucketV2 image")
	}
}

// fakeDatabase is a connection that registers one resource to wait for.
type fakeDatabase struct{ err error }

// silent is a connection that tells the containers nothing.
type silent struct{}

func (silent) Connect(*pulumi.Context, components.Task) (*components.Access, error) { return nil, nil }

func (f fakeDatabase) Connect(ctx *pulumi.Context, task components.Task) (*components.Access, error) {
	if f.err != nil {
		return nil, f.err
	}
	rule, err := s3.NewBucketV2(ctx, task.Name+"-database", &s3.BucketV2Args{
		Tags: pulumi.StringMap{"group": task.SecurityGroupId, "role": task.Role.Name, "executionRole": task.ExecutionRole.Name},
	})
	return &components.Access{
		Environment: map[string]pulumi.StringInput{"DATABASE_HOST": pulumi.String("db.example.com")},
		Secrets:     map[string]components.SecretReference{"DATABASE_PASSWORD": {Arn: pulumi.String(keyArn), JsonKey: pulumi.String("password")}},
		DependsOn:   []pulumi.Resource{rule},
	}, err
}

func TestWebServiceConnections(t *testing.T) {
	t.Parallel()
	r := runWeb(t, func(args *components.WebServiceArgs) {
		args.Connections = []components.Connection{silent{}, fakeDatabase{}}
	})
	web := r.containers(t)["web"]
	assert.Equal(t, []any{
		map[string]any{"name": "DATABASE_HOST", "value": "db.example.com"},
		map[string]any{"name": "PORT", "value": "8000"},
		map[string]any{"name": "PUBLIC_URL", "value": "https://app.example.com"},
	}, web["environment"])
	assert.Equal(t, []any{map[string]any{"name": "DATABASE_PASSWORD", "valueFrom": keyArn + ":password::"}}, web["secrets"])
	assert.Equal(t, map[string]any{"group": "web-tasks-id", "role": "web-task-role-1234567", "executionRole": "web-execution-role-1234567"},
		object(t, r.find(t, "aws:s3/bucketV2:BucketV2", "web-database").Inputs, "tags").Mappable())

	err := webRecorder().deployWeb(func(args *components.WebServiceArgs) {
		args.Connections = []components.Connection{fakeDatabase{err: fmt.Errorf("no such user")}}
	})
	assert.ErrorContains(t, err, `connect WebService "web": no such user`)

	err = webRecorder().deployWeb(func(args *components.WebServiceArgs) {
		args.Connections = []components.Connection{fakeDatabase{}}
		args.Environment = map[string]pulumi.StringInput{"DATABASE_HOST": pulumi.String("other")}
		args.Secrets = map[string]components.SecretReference{"DATABASE_PASSWORD": {Arn: pulumi.String(keyArn)}}
	})
	assert.ErrorContains(t, err, "DATABASE_HOST: the variable is set twice")
	assert.ErrorContains(t, err, "DATABASE_PASSWORD: the variable is set twice")
}

func TestWebServiceRollbackFailsTheUpdate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		running string
		preview bool
		fails   bool
	}{
		{"deployed", revision + "2", false, false},
		{"rolled back", revision + "1", false, true},
		{"a preview after a rollback", revision + "1", true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := webRecorder()
			r.outputs[ecsService] = func(pulumi.MockResourceArgs) resource.PropertyMap {
				return resource.PropertyMap{"taskDefinition": resource.NewProperty(test.running)}
			}
			err := pulumi.RunErr(func(ctx *pulumi.Context) error {
				_, err := components.NewWebService(ctx, "web", webInputs())
				return err
			}, pulumi.WithMocks("slipway", "test", r), func(info *pulumi.RunInfo) { info.DryRun = test.preview })
			if !test.fails {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			for _, part := range []string{
				"service web-service-1234567: ECS rolled the deployment back", "asked for: " + revision + "2", "running:   " + revision + "1",
				"aws logs tail web-logs-1234567", "--cluster arn:aws:ecs:eu-central-1:123456789012:cluster/web-cluster-1234567 --services web-service-1234567",
			} {
				assert.Contains(t, err.Error(), part)
			}
		})
	}
}
