package owned

import (
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorder keeps the inputs of resources by their names.
type recorder struct {
	mu     sync.Mutex
	inputs map[string]resource.PropertyMap
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inputs[args.Name] = args.Inputs
	return args.Name + "-id", args.Inputs, nil
}

func (*recorder) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

func TestEverythingThatTakesTagsHasThem(t *testing.T) {
	t.Parallel()
	r := &recorder{inputs: map[string]resource.PropertyMap{}}
	given := &ec2.VpcArgs{Tags: pulumi.StringMap{"team": pulumi.String("web")}}
	require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) error {
		if err := ctx.RegisterStackTransformation(Tag(ctx.Project(), ctx.Stack())); err != nil {
			return err
		}
		vpc, err := ec2.NewVpc(ctx, "network", given)
		if err != nil {
			return err
		}
		if _, err = ec2.NewInternetGateway(ctx, "computed", &ec2.InternetGatewayArgs{Tags: vpc.Tags}); err != nil {
			return err
		}
		if _, err = ec2.NewEip(ctx, "none, given", nil); err != nil {
			return err
		}
		if _, err = iam.NewRolePolicy(ctx, "policy", &iam.RolePolicyArgs{Role: pulumi.String("a"), Policy: pulumi.String("{}")}); err != nil {
			return err
		}
		_, err = s3.NewBucketObjectv2(ctx, "file", &s3.BucketObjectv2Args{Bucket: pulumi.String("b")})
		return err
	}, pulumi.WithMocks("shop", "staging", r)))

	tags := func(name string) map[string]any { return r.inputs[name].Mappable()["tags"].(map[string]any) }
	assert.Equal(t, map[string]any{"team": "web", "slipway:stack": "shop/staging", "slipway:resource": "aws:ec2/vpc:Vpc::network"}, tags("network"))
	assert.Equal(t, map[string]any{"team": "web", "slipway:stack": "shop/staging", "slipway:resource": "aws:ec2/internetGateway:InternetGateway::computed"}, tags("computed"))
	assert.Equal(t, map[string]any{"slipway:stack": "shop/staging", "slipway:resource": "aws:ec2/eip:Eip::none_ given"}, tags("none, given"))
	assert.NotContains(t, r.inputs["policy"], resource.PropertyKey("tags"))
	assert.NotContains(t, r.inputs["file"], resource.PropertyKey("tags"))
	assert.Len(t, given.Tags, 1, "the caller's own stay as they are")
}

func TestValuesThatAWSTakes(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "aws:sqs/queue:Queue::a_b", Resource("aws:sqs/queue:Queue", "a$b"))
	assert.Len(t, Resource("aws:sqs/queue:Queue", strings.Repeat("ä", 300)), 256)
}
