package controls

import (
	"path"
	"regexp"
	"slices"
)

// exception is a finding that is right as it is, in every environment.
type exception struct {
	control string
	// name is a pattern for the logical name, as path.Match takes it.
	name string
	// got is what the finding says was got; nil is anything.
	got    *regexp.Regexp
	reason string
}

var exceptions = []exception{
	{control: "S3.9", name: "*-access-logs", reason: "a bucket of access logs would log itself"},
	{control: "S3.9", name: "*-artifacts", reason: "the pipeline's history says which execution had which artifact, and they expire"},
	{control: "CodeBuild privileged mode", name: "*-build", reason: "Docker's daemon runs in the one project that builds images"},
	{control: "ELB.18", name: "*-http", got: regexp.MustCompile(`redirected`),
		reason: "the listener on port 80 only redirects, which ELB.1 asks for"},
	{control: "SecretsManager.1, SecretsManager.4", name: "*-secret",
		reason: "a rotation of the key that signs sessions signs everybody out: it is done by hand (docs/deploying.md)"},

	{control: wildcards, name: "*", got: regexp.MustCompile(`^ecr:GetAuthorizationToken on \*$`),
		reason: "the token is the registry's: the action knows no resource"},
	{control: wildcards, name: "*", got: regexp.MustCompile(`^ssmmessages:(Create|Open)(Control|Data)Channel on \*$`),
		reason: "ECS Exec: Systems Manager makes the channels, and these actions know no resource"},
	{control: wildcards, name: "*", got: regexp.MustCompile(`^logs:[A-Z]\w+ on arn:[^*]+:log-group:[^*]+:\*$`),
		reason: "the streams of one log group: who writes names them"},
	{control: wildcards, name: "*", got: regexp.MustCompile(`^s3:(DeleteObject|GetObject|GetObjectVersion|PutObject) on arn:[^*]+/\*$`),
		reason: "the files below one path of one bucket"},
	{control: wildcards, name: "*", got: regexp.MustCompile(`^s3:(DeleteObject|GetObject|PutObject) on arn:[^*]+/\.pulumi/stacks/[^*/]+/[^*/]+\.json\*$`),
		reason: "a stack's state and its copies, which Pulumi names after it"},
	{control: wildcards, name: "*", got: regexp.MustCompile(`^ecs:(GetTaskProtection|UpdateTaskProtection|TagResource) on arn:[^*]+:task/[^*/]+/\*$`),
		reason: "the tasks of one cluster: nobody knows a task's ARN before"},
	{control: wildcards, name: "*", got: regexp.MustCompile(`^ecs:RunTask on arn:[^*]+:task-definition/[^*]+:\*$`),
		reason: "every revision of one task: a release must not make its own schedule fail"},
	{control: wildcards, name: "*-stack-read", got: regexp.MustCompile(`^[a-z0-9-]+:(BatchCheck|BatchGet|Describe|Get|List)\w+ on `),
		reason: "who plans a deployment sees the account's settings: most actions that list know no resource. Values are those of the stack's own secrets"},
	{control: wildcards, name: "*-stack-services", got: regexp.MustCompile(`^sqs:SendMessage on arn:[^*]+:sqs:[^*]+:\d+:\*$`),
		reason: "the stack's own queues, by their tag: nobody knows their names before they are made"},
	{control: wildcards, name: "*-stack-*", got: regexp.MustCompile(`^[a-z0-9-]+:[A-Z]\w+ on (\*|arn:[^*]+:iam::\d+:(policy/|role/|role/aws-service-role/)\*|arn:[^*]+:s3:::[^*]{3,}\*(/\*)?)$`),
		reason: "what a deployment makes has no name before; what is another stack's, and elsewhere, is denied (DeployRoles)"},
}

// deviation is a control that environments which come and go need not meet.
type deviation struct {
	controls []string
	reason   string
	toMeet   string
}

var deviations = []deviation{
	{controls: []string{"ELB.1", "ELB.18"}, reason: "HTTP, for there is no domain that a certificate could be for", toMeet: "`domain`"},
	{controls: []string{"ELB.5", "CloudFront.5", "S3.9"}, reason: "no access logs: fewer buckets, and nobody reads them", toMeet: "`accessLogs: true`"},
	{controls: []string{"ELB.6", "RDS.7"}, reason: "it is to be destroyed without further ado", toMeet: "`ephemeral: false`"},
	{controls: []string{"CloudFront.7", "CloudFront.15"}, reason: "CloudFront's own certificate, with which AWS takes TLS 1.0 too", toMeet: "`staticDomain`"},
	{controls: []string{"RDS.15"}, reason: "one database instance costs half", toMeet: "`databaseReaders: 1`"},
	{controls: []string{"RDS.50"}, reason: "its data can be made again", toMeet: "`databaseBackupRetentionDays: 7`"},
	{controls: []string{"EC2.6"}, reason: "flow logs cost by the GB", toMeet: "`flowLogs: true`"},
	{controls: []string{"ECS.12"}, reason: "costs $0.30 a month and metric", toMeet: "`containerInsights: true`"},
	{controls: []string{"ECS.2"}, reason: "public addresses cost less than endpoints; only the load balancer reaches the tasks", toMeet: "`egress: endpoints`"},
	{controls: []string{"ECS.5"}, reason: "the agent of ECS Exec writes to the root file system", toMeet: "`webEnableExecuteCommand: false`"},
}

// explain finds the reason for a finding.
func explain(control, name string, finding Finding, ephemeral bool) (Explained, bool) {
	for _, e := range exceptions {
		matches, err := path.Match(e.name, name)
		if err == nil && matches && e.control == control && (e.got == nil || e.got.MatchString(finding.Got)) {
			return Explained{Finding: finding, Reason: e.reason}, true
		}
	}
	if d := deviationOf(control); ephemeral && d != nil {
		return Explained{Finding: finding, Reason: d.reason, ToMeet: d.toMeet}, true
	}
	return Explained{}, false
}

// toMeet is what meets a control that environments which come and go need not meet.
func toMeet(control string) string {
	if d := deviationOf(control); d != nil {
		return "met by " + d.toMeet
	}
	return ""
}

func deviationOf(control string) *deviation {
	for i, d := range deviations {
		if slices.Contains(d.controls, control) {
			return &deviations[i]
		}
	}
	return nil
}
