package components

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// projectStatements is what every project may do: write its own log, and take and leave the pipeline's artifacts. Where an artifact
// will be in the bucket is CodePipeline's to decide.
func projectStatements(logGroupArn, bucketArn, keyArn, buildImageRepositoryArn string) []policyStatement {
	statements := []policyStatement{
		allow("Logs", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, logGroupArn+":*"),
		allow("Artifacts", []string{"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"}, bucketArn+"/*"),
		allow("ArtifactsKey", []string{"kms:Decrypt", "kms:GenerateDataKey"}, keyArn),
	}
	if buildImageRepositoryArn != "" {
		statements = append(statements, allow("BuildImageToken", registryToken.Action, "*"), allow("PullBuildImage", pullActions, buildImageRepositoryArn))
	}
	return statements
}

// buildStatements let the project that builds push images, read what it may start from, and log in to Docker Hub. of are the
// repository's ARN and the secret's, which may be empty.
func buildStatements(of []any) []policyStatement {
	repositoryArn, secretArn := of[0].(string), of[1].(string)
	statements := []policyStatement{
		registryToken,
		allow("Push", append([]string{
			"ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
		}, pullActions...), repositoryArn),
	}
	if secretArn != "" {
		statements = append(statements, allow("DockerHub", []string{"secretsmanager:GetSecretValue"}, secretArn))
	}
	return statements
}

// stateAccess is the state of one stack in Pulumi's S3 backend.
type stateAccess struct {
	bucket, prefix, project, stack string
}

func newStateAccess(backend, project, stack string) (stateAccess, error) {
	parsed, err := url.Parse(backend)
	if err != nil {
		return stateAccess{}, err
	}
	return stateAccess{bucket: parsed.Host, prefix: strings.TrimPrefix(path.Join(parsed.Path, ".pulumi"), "/"), project: project, stack: stack}, nil
}

// objects are the ARNs of what Pulumi's backend keeps of the stack, besides what it keeps of the backend itself: the stack, its lock, its
// history and its backups (pkg/backend/diy in Pulumi's source).
func (s stateAccess) objects(partition string) []string {
	of := func(folder, end string) string {
		return fmt.Sprintf("arn:%s:s3:::%s/%s/%s/%s/%s%s", partition, s.bucket, s.prefix, folder, s.project, s.stack, end)
	}
	return []string{of("stacks", ".json*"), of("locks/organization", "/*"), of("history", "/*"), of("backups", "/*")}
}

// read is what a preview needs: it takes no lock and writes nothing.
func (s stateAccess) read(keyArn string) ([]policyStatement, error) {
	key, err := parseArn(keyArn)
	if err != nil {
		return nil, err
	}
	bucketArn := fmt.Sprintf("arn:%s:s3:::%s", key.partition, s.bucket)
	return []policyStatement{
		allow("StateList", []string{"s3:GetBucketLocation", "s3:ListBucket"}, bucketArn),
		allow("StateRead", []string{"s3:GetObject"}, append(s.objects(key.partition), bucketArn+"/"+s.prefix+"/meta.yaml")...),
		allow("StateSecrets", []string{"kms:Decrypt"}, keyArn),
	}, nil
}

// write is what an update needs. Nothing of another stack can be read with it, so that stacks that share by stack reference are not for a pipeline.
func (s stateAccess) write(keyArn string) ([]policyStatement, error) {
	statements, err := s.read(keyArn)
	if err != nil {
		return nil, err
	}
	key, err := parseArn(keyArn)
	if err != nil {
		return nil, err
	}
	return append(statements,
		allow("StateWrite", []string{"s3:DeleteObject", "s3:PutObject"}, s.objects(key.partition)...),
		allow("StateKey", []string{"kms:GenerateDataKey"}, keyArn),
	), nil
}

// assume lets a project take on a role in whichever account.
func assume(roleArn string) []policyStatement {
	return []policyStatement{allow("TakeOnRole", []string{"sts:AssumeRole"}, roleArn)}
}

// createPipelinePolicy lets the pipeline do what its actions say.
func (p *CodePipeline) createPipelinePolicy(ctx *pulumi.Context, role *iam.Role) (*iam.RolePolicy, error) {
	projects := pulumi.StringArray{}
	for _, name := range sortedKeys(p.Projects) {
		projects = append(projects, p.Projects[name].Arn)
	}
	return iam.NewRolePolicy(ctx, p.name+"-pipeline-policy", &iam.RolePolicyArgs{
		Role: role.ID(),
		Policy: pulumi.All(p.Artifacts.Arn, p.ArtifactKey.Arn, p.Topic.Arn, projects, pulumi.StringArray(p.sources)).ApplyT(func(of []any) (string, error) {
			return pipelinePolicy(of[0].(string), of[1].(string), of[2].(string), of[3].([]string), of[4].([]string))
		}).(pulumi.StringOutput),
	}, pulumi.Parent(p))
}

// pipelinePolicy is for CodePipeline itself: sources are the ARNs of connections and of repositories in CodeCommit.
func pipelinePolicy(bucketArn, keyArn, topicArn string, projectArns, sources []string) (string, error) {
	statements := []policyStatement{
		allow("Artifacts", []string{"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"}, bucketArn+"/*"),
		allow("ArtifactsBucket", []string{"s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"}, bucketArn),
		allow("ArtifactsKey", []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"}, keyArn),
		allow("Projects", []string{"codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"}, projectArns...),
		allow("TellOfApproval", []string{"sns:Publish"}, topicArn),
	}
	var connections, repositories []string
	for _, source := range sortedUnique(sources) {
		parsed, err := parseArn(source)
		if err != nil {
			return "", err
		}
		if parsed.service == "codecommit" {
			repositories = append(repositories, source)
			continue
		}
		connections = append(connections, source)
	}
	if len(connections) > 0 {
		// The service had the second name before, and AWS checks either, as the ARN was made.
		statements = append(statements, allow("Connections", []string{"codeconnections:UseConnection", "codestar-connections:UseConnection"}, connections...))
	}
	if len(repositories) > 0 {
		statements = append(statements, allow("Repositories", []string{
			"codecommit:CancelUploadArchive", "codecommit:GetBranch", "codecommit:GetCommit", "codecommit:GetUploadArchiveStatus", "codecommit:UploadArchive",
		}, repositories...))
	}
	return policyDocument(statements...)
}

// pullPolicy lets other accounts pull images, and look which there are to go back to.
func pullPolicy(accounts []string) (string, error) {
	var statements []policyStatement
	for i, account := range accounts {
		statements = append(statements, policyStatement{
			Sid:       fmt.Sprintf("Pull%d", i),
			Effect:    "Allow",
			Principal: map[string]string{"AWS": account},
			Action:    sortedUnique(append([]string{"ecr:DescribeImages"}, pullActions...)),
		})
	}
	return policyDocument(statements...)
}
