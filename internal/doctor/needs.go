package doctor

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codeconnections"
	connectiontypes "github.com/aws/aws-sdk-go-v2/service/codeconnections/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"slipway/internal/awsaccess"
	"slipway/internal/limits"
)

// environment looks at what an environment's configuration names and does not make.
func (d *Doctor) environment(ctx context.Context) {
	d.zone(ctx, "domain", "hostedZone")
	if d.value("staticSite") != "false" {
		d.zone(ctx, "staticDomain", "staticHostedZone")
	}
	d.image(ctx)
	d.networkQuotas(ctx)
	d.fargateQuotas(ctx)
}

// zone looks for the public zone that a domain has its records in.
func (d *Doctor) zone(ctx context.Context, key, zoneKey string) {
	domain, zone := d.value(key), d.value(zoneKey)
	if domain == "" {
		if key == "domain" && d.value("ephemeral") != "true" {
			d.report.add(Missing, "hosted zone", "the stack has no domain, which takes ephemeral: true", "pulumi config set domain app.your-domain.org -s "+d.Stack)
		}
		return
	}
	if zone == "" {
		zone = limits.ParentDomain(domain)
	}
	what := "hosted zone of " + domain
	if zone == "example.com" || strings.HasSuffix(zone, ".example.com") {
		host, _, _ := strings.Cut(domain, ".")
		d.report.add(Wrong, what, zone+" is an example's, which nobody can have", fmt.Sprintf("pulumi config set %s %s.your-domain.org -s %s", key, host, d.Stack))
		return
	}
	answer, err := route53.NewFromConfig(d.cfg).ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{DNSName: &zone})
	if err != nil {
		d.report.add(Unknown, what, awsaccess.Explain(err).Error(), "")
		return
	}
	for _, found := range answer.HostedZones {
		if aws.ToString(found.Name) == zone+"." && (found.Config == nil || !found.Config.PrivateZone) {
			d.report.add(OK, what, zone, "")
			return
		}
	}
	d.report.add(Missing, what, "Route 53 has no public zone "+zone+" in this account",
		fmt.Sprintf("aws route53 create-hosted-zone --name %s --caller-reference 1, and name its servers at your registrar; or another zone: pulumi config set %s ... -s %s", zone, zoneKey, d.Stack))
}

// imageInECR is an image by digest: account, region, repository, digest.
var imageInECR = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^@]+)@(sha256:[0-9a-f]{64})$`)

// image looks whether an image that is deployed without building it is there.
func (d *Doctor) image(ctx context.Context) {
	image := d.value("image")
	if image == "" {
		return
	}
	parts := imageInECR.FindStringSubmatch(image)
	if parts == nil {
		d.report.add(Unknown, "image", image+" is not in ECR", "")
		return
	}
	_, err := ecr.NewFromConfig(d.cfg, func(o *ecr.Options) { o.Region = parts[2] }).DescribeImages(ctx, &ecr.DescribeImagesInput{
		RegistryId: &parts[1], RepositoryName: &parts[3], ImageIds: []ecrtypes.ImageIdentifier{{ImageDigest: &parts[4]}}})
	switch {
	case awsaccess.HasCode(err, "ImageNotFoundException", "RepositoryNotFoundException"):
		d.report.add(Missing, "image", "the repository "+parts[3]+" has no "+parts[4][:19]+"... (any more)", fmt.Sprintf("slipway release list %s shows those that it has; pulumi config rm image -s %[1]s builds from the source", d.Stack))
	case err != nil:
		d.report.add(Unknown, "image", awsaccess.Explain(err).Error(), "")
	default:
		d.report.add(OK, "image", parts[3]+"@"+parts[4][:19]+"...", "")
	}
}

// pipeline looks at what a delivery pipeline's configuration names, and whether a person has completed its connection.
func (d *Doctor) pipeline(ctx context.Context) {
	if repository := d.text("pipelineSource", "repository"); repository == "" || strings.HasPrefix(repository, "example/") {
		d.report.add(Wrong, "pipelineSource", fmt.Sprintf("the repository %q is the example's", repository), "pulumi config set --path pipelineSource.repository your-organization/your-repository -s "+d.Stack)
	} else {
		d.report.add(OK, "pipelineSource", repository, "")
	}
	d.pipelineBackend(ctx)
	d.connection(ctx)
}

func (d *Doctor) pipelineBackend(ctx context.Context) {
	address := d.value("pipelineBackendUrl")
	bucket, _, _ := strings.Cut(strings.TrimPrefix(address, "s3://"), "?")
	bucket, _, _ = strings.Cut(bucket, "/")
	const next = "slipway bootstrap sets it, and pipelineStateKeyArn"
	switch {
	case address == "":
		d.report.add(Missing, "pipelineBackendUrl", "not set", next)
		return
	case strings.HasPrefix(bucket, "example-"):
		d.report.add(Wrong, "pipelineBackendUrl", address+" is the example's", next)
		return
	}
	_, err := s3.NewFromConfig(d.cfg).ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, MaxKeys: aws.Int32(1)})
	switch {
	case awsaccess.HasCode(err, "NoSuchBucket"):
		d.report.add(Missing, "pipelineBackendUrl", "there is no bucket "+bucket, next)
	case err != nil:
		d.report.add(Unknown, "pipelineBackendUrl", awsaccess.Explain(err).Error(), "")
	default:
		d.report.add(OK, "pipelineBackendUrl", address, "")
	}
}

// connection looks at the one that the configuration names, or that the stack has made.
func (d *Doctor) connection(ctx context.Context) {
	const what = "connection"
	if d.text("pipelineSource", "provider") == "CodeCommit" {
		return
	}
	arn := d.text("pipelineSource", "connectionArn")
	if arn == "" && d.state != nil {
		for _, r := range d.state.Resources {
			if strings.HasSuffix(r.Type, "/connection:Connection") {
				arn = r.ID
			}
		}
	}
	if arn == "" {
		d.report.optional(Missing, what, "the pipeline makes one when it is deployed", "pulumi up -s "+d.Stack+", then open the output connectionUrl")
		return
	}
	answer, err := codeconnections.NewFromConfig(d.cfg).GetConnection(ctx, &codeconnections.GetConnectionInput{ConnectionArn: &arn})
	switch {
	case awsaccess.HasCode(err, "ResourceNotFoundException"):
		d.report.add(Missing, what, "there is no "+arn, "pulumi refresh -s "+d.Stack+", then pulumi up; or another connectionArn in pipelineSource")
	case err != nil:
		d.report.add(Unknown, what, awsaccess.Explain(err).Error(), "")
	case answer.Connection.ConnectionStatus != connectiontypes.ConnectionStatusAvailable:
		d.report.add(Wrong, what, fmt.Sprintf("%s is %s: nobody has let AWS read the repository yet", aws.ToString(answer.Connection.ConnectionName), answer.Connection.ConnectionStatus),
			"open the output connectionUrl, choose it and Update pending connection")
	default:
		d.report.add(OK, what, aws.ToString(answer.Connection.ConnectionName)+" to "+string(answer.Connection.ProviderType), "")
	}
}
