package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
)

var _ Connection = (*StaticSite)(nil)

// GrantWrite lets a role keep files under UploadPrefix: write, read, replace and delete them, and see which there are. name says
// whose role it is. It is an error if the folder has files there, which would be written from two sides.
func (s *StaticSite) GrantWrite(ctx *pulumi.Context, name string, role *iam.Role, opts ...pulumi.ResourceOption) (*iam.RolePolicy, error) {
	if s.uploadsClash != "" {
		wrong := invalid.In(fmt.Sprintf("StaticSite %q, GrantWrite %q", s.name, name))
		wrong.Conflict("uploadPrefix, folder", fmt.Sprintf("the folder's %s is under %s, which the role may write; give another uploadPrefix or move the file", s.uploadsClash, s.uploadPrefix))
		return nil, wrong.Err()
	}
	prefix := s.uploadPrefix
	return iam.NewRolePolicy(ctx, s.name+"-write-"+name, &iam.RolePolicyArgs{
		Role: role.Name,
		Policy: s.Bucket.Arn.ApplyT(func(bucketArn string) (string, error) {
			return writeFilesPolicy(bucketArn, prefix)
		}).(pulumi.StringOutput),
	}, append([]pulumi.ResourceOption{pulumi.Parent(s)}, opts...)...)
}

// writeFilesPolicy is what an upload needs that leaves alone what has not changed: Django's collectstatic asks for each file
// whether it is there, and deletes one before it writes it anew. Without ListBucket S3 answers "forbidden" for a
// file that is not there. That action cannot be limited to the prefix: a question for one file does not carry it.
func writeFilesPolicy(bucketArn, prefix string) (string, error) {
	return policyDocument(policyStatement{
		Effect:   "Allow",
		Action:   []string{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
		Resource: []string{bucketArn + "/" + prefix + "*"},
	}, policyStatement{
		Effect:   "Allow",
		Action:   []string{"s3:ListBucket"},
		Resource: []string{bucketArn},
	})
}

// Connect lets a service keep its static files here: its tasks may write, and are told where.
//
//	STATIC_BUCKET, STATIC_HOST   variables
//
// The service waits for the policy, as its release may upload, and not for the distribution's deployment.
func (s *StaticSite) Connect(ctx *pulumi.Context, task Task) (*Access, error) {
	policy, err := s.GrantWrite(ctx, task.Name, task.Role)
	if err != nil {
		return nil, err
	}
	return &Access{
		Environment: map[string]pulumi.StringInput{"STATIC_BUCKET": s.BucketName, "STATIC_HOST": s.Host},
		DependsOn:   []pulumi.Resource{policy},
	}, nil
}
