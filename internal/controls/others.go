package controls

import (
	"slices"
	"strings"

	"slipway/internal/state"
)

const (
	repository  = "aws:ecr/repository:Repository"
	certificate = "aws:acm/certificate:Certificate"
	project     = "aws:codebuild/project:Project"
	webAcl      = "aws:wafv2/webAcl:WebAcl"
	secret      = "aws:secretsmanager/secret:Secret"
)

// strongKeys are the key algorithms of ACM but RSA with 1024 bits.
var strongKeys = []string{"RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"}

var otherControls = []control{
	{id: "ECR.1", title: "Images are scanned when they are pushed", of: []string{repository}, check: oneOf([]string{"true"}, "imageScanningConfiguration", "scanOnPush")},
	{id: "ECR.2", title: "A tag stays with its image", of: []string{repository}, check: oneOf([]string{"IMMUTABLE"}, "imageTagMutability")},
	{id: "ECR.3", title: "Old images are removed", of: []string{repository}, check: has("aws:ecr/lifecyclePolicy:LifecyclePolicy", "repository")},

	{id: "SecretsManager.1, SecretsManager.4", title: "Secrets are rotated", of: []string{secret, rdsCluster}, check: func(in *state.State, r *state.Resource) []Finding {
		if r.Type == rdsCluster { // RDS rotates the password that it manages, every seven days
			return must(r.At("manageMasterUserPassword").Bool(), "manageMasterUserPassword", r.At("manageMasterUserPassword").String(), "true")
		}
		return must(len(in.Where("aws:secretsmanager/secretRotation:SecretRotation", "secretId", r.ID)) > 0, "rotation", "", "one")
	}},
	{id: "KMS.4", title: "Keys are rotated", of: []string{"aws:kms/key:Key"}, check: isTrue("enableKeyRotation")},
	{id: "ACM.1", title: "Certificates are renewed by AWS", of: []string{certificate}, check: oneOf([]string{"DNS"}, "validationMethod")},
	{id: "ACM.2", title: "Certificates have strong keys", of: []string{certificate}, check: func(_ *state.State, r *state.Resource) []Finding {
		// ACM writes RSA-2048 in some answers and RSA_2048 in others.
		algorithm := strings.ReplaceAll(r.At("keyAlgorithm").String(), "-", "_")
		return must(slices.Contains(strongKeys, algorithm), "keyAlgorithm", algorithm, alternatives(strongKeys))
	}},
	{id: "Route53.2", title: "Queries for names are logged", of: []string{"aws:route53/queryLog:QueryLog"}, option: "the hosted zone is yours, not a stack's"},

	{id: "CodeBuild.1", title: "No repository's address has a password in it", of: []string{project}, check: func(_ *state.State, r *state.Resource) []Finding {
		return must(!secretText.MatchString(r.At("source", "location").String()), "source.location", "a URL with a password", "one without")
	}},
	{id: "CodeBuild.2", title: "No secret is among a build's variables", of: []string{project}, check: func(_ *state.State, r *state.Resource) (findings []Finding) {
		for _, variable := range r.At("environment", "environmentVariables").List() {
			plain := slices.Contains([]string{"", "PLAINTEXT"}, variable.At("type").String())
			name := variable.At("name").String()
			findings = append(findings, must(!plain || !secretVariable(name, variable.At("value").String()), "environment", name, "what is secret in Secrets Manager")...)
		}
		return findings
	}},
	{id: "CodeBuild.4", title: "Builds log", of: []string{project}, check: func(_ *state.State, r *state.Resource) []Finding {
		logs := r.At("logsConfig", "cloudwatchLogs", "status").String() != "DISABLED" || r.At("logsConfig", "s3Logs", "status").String() == "ENABLED"
		return must(logs, "logsConfig", "DISABLED", "CloudWatch Logs or S3")
	}},
	{id: "CodeBuild privileged mode", title: "No build is privileged but the one of images", of: []string{project}, check: func(_ *state.State, r *state.Resource) []Finding {
		return must(!r.At("environment", "privilegedMode").Bool(), "environment.privilegedMode", "true", "false")
	}},
	{id: "WAF.10", title: "Web ACLs have rules", of: []string{webAcl}, check: func(_ *state.State, r *state.Resource) []Finding {
		return must(len(r.At("rules").List()) > 0, "rules", "", "one or more")
	}},
	{id: "WAF.12", title: "Rules of web ACLs have metrics", of: []string{webAcl}, check: func(_ *state.State, r *state.Resource) (findings []Finding) {
		for _, rule := range r.At("rules").List() {
			on := rule.At("visibilityConfig", "cloudwatchMetricsEnabled")
			findings = append(findings, must(on.Bool(), "rules."+rule.At("name").String()+".visibilityConfig.cloudwatchMetricsEnabled", on.String(), "true")...)
		}
		return findings
	}},
}

const beanstalk = "aws:elasticbeanstalk/environment:Environment"

var elasticBeanstalkControls = []control{
	{id: "ElasticBeanstalk.1", title: "Environments report enhanced health", of: []string{beanstalk}, check: setting("aws:elasticbeanstalk:healthreporting:system", "SystemType", "enhanced")},
	{id: "ElasticBeanstalk.2", title: "Platforms are updated by AWS", of: []string{beanstalk}, check: setting("aws:elasticbeanstalk:managedactions", "ManagedActionsEnabled", "true")},
	{id: "ElasticBeanstalk.3", title: "Environments write their logs to CloudWatch", of: []string{beanstalk}, check: setting("aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs", "true")},
	{id: "EC2.7 (Elastic Beanstalk)", title: "Volumes of instances are encrypted", of: []string{beanstalk}, check: func(in *state.State, _ *state.Resource) []Finding {
		// Elastic Beanstalk has no setting of its own for the root volume.
		encrypted := slices.ContainsFunc(in.Of("aws:ebs/encryptionByDefault:EncryptionByDefault"), func(r *state.Resource) bool { return r.At("enabled").Bool() })
		return must(encrypted, "aws:ebs/encryptionByDefault:EncryptionByDefault", "none", "one")
	}},
	{id: "EC2.8 (Elastic Beanstalk)", title: "Instances take version 2 of the metadata service only", of: []string{beanstalk}, check: setting("aws:autoscaling:launchconfiguration", "DisableIMDSv1", "true")},
	{id: "EC2.9 (Elastic Beanstalk)", title: "Instances have no public address", of: []string{beanstalk}, check: setting("aws:ec2:vpc", "AssociatePublicIpAddress", "false")},
}

// setting takes a value for an option of an Elastic Beanstalk environment.
func setting(namespace, name, takes string) func(*state.State, *state.Resource) []Finding {
	return func(_ *state.State, r *state.Resource) []Finding {
		got := ""
		for _, s := range r.At("settings").List() {
			if s.At("namespace").String() == namespace && s.At("name").String() == name {
				got = s.At("value").String()
			}
		}
		return must(strings.EqualFold(got, takes), namespace+"."+name, got, takes)
	}
}
