package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
	"slipway/internal/netreach"
)

var ofAccount = keys{"aws:SourceAccount": localaws.AccountID}

// TestATaskStarts has the calls of ECS for a task: it takes on the roles, pulls, logs and reads the listed secrets.
func TestATaskStarts(t *testing.T) {
	t.Parallel()
	eachStack(t, func(t *testing.T, d, other deployed) {
		for name, another := range map[string]string{"web": "workers", "workers": "web"} {
			for _, role := range []string{d.role(name + "-execution-role"), d.role(name + "-task-role")} {
				d.may("ecs-tasks.amazonaws.com", "sts:AssumeRole", role, ofAccount)
				d.mayNot("ecs-tasks.amazonaws.com", "sts:AssumeRole", role, keys{"aws:SourceAccount": "210987654321"})
				d.mayNot("ecs-tasks.amazonaws.com", "sts:AssumeRole", role, nil)
				d.mayNot("ec2.amazonaws.com", "sts:AssumeRole", role, ofAccount)
				d.mayNot(d.role(another+"-task-role"), "sts:AssumeRole iam:PassRole", role, ofAccount)
			}
			execution := d.role(name + "-execution-role")
			d.may(execution, "ecr:GetAuthorizationToken", "*", nil)
			const pull = "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer"
			d.may(execution, pull, d.repository(), nil)
			d.mayNot(execution, pull, other.repository(), nil)
			d.mayNot(execution, "ecr:PutImage ecr:BatchDeleteImage ecr:DeleteRepository", d.repository(), nil)

			d.may(execution, "logs:CreateLogStream logs:PutLogEvents", d.logs(name+"-logs"), nil)
			d.mayNot(execution, "logs:DeleteLogStream logs:GetLogEvents", d.logs(name+"-logs"), nil)
			for _, logs := range []string{d.logs(another + "-logs"), d.logs("database-log"), other.logs(name + "-logs")} {
				d.mayNot(execution, "logs:CreateLogStream logs:PutLogEvents", logs, nil)
			}
			for _, secret := range []string{"database-cluster", "secret-key-secret"} {
				d.may(execution, "secretsmanager:GetSecretValue", d.secret(secret), nil)
				d.mayNot(execution, "secretsmanager:PutSecretValue secretsmanager:DeleteSecret", d.secret(secret), nil)
				d.mayNot(execution, "secretsmanager:GetSecretValue", other.secret(secret), nil)
			}
			d.mayNot(execution, "sqs:SendMessage sqs:ReceiveMessage", d.queue("queue-queue"), nil)
			d.mayNot(execution, "s3:GetObject", d.bucket("site-bucket")+"/static/app.js", nil)
		}
	})
}

// TestTheApplicationWorks has the calls of its code: web sends to the queue and uploads files, the workers work on the queue.
func TestTheApplicationWorks(t *testing.T) {
	t.Parallel()
	eachStack(t, func(t *testing.T, d, other deployed) {
		web, workers := d.role("web-task-role"), d.role("workers-task-role")
		queue, dead := d.queue("queue-queue"), d.queue("queue-dead-letters")
		const consume = "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility"
		d.may(web, "sqs:SendMessage sqs:GetQueueAttributes", queue, nil)
		d.mayNot(web, consume, queue, nil)
		d.may(workers, "sqs:SendMessage sqs:GetQueueAttributes "+consume, queue, nil)
		for _, role := range []string{web, workers} {
			d.mayNot(role, "sqs:PurgeQueue sqs:DeleteQueue sqs:SetQueueAttributes", queue, nil)
			d.mayNot(role, "sqs:SendMessage "+consume, dead, nil)
			d.mayNot(role, "sqs:SendMessage "+consume, other.queue("queue-queue"), nil)

			d.may(role, "secretsmanager:GetSecretValue", d.secret("database-cluster"), nil)
			d.mayNot(role, "secretsmanager:PutSecretValue secretsmanager:RotateSecret", d.secret("database-cluster"), nil)
			d.mayNot(role, "secretsmanager:GetSecretValue", other.secret("database-cluster"), nil)
			d.mayNot(role, "rds:DeleteDBCluster rds:ModifyDBCluster rds-data:ExecuteStatement", d.arn("rds/cluster:Cluster database-cluster"), nil)
			d.mayNot(role, "ecs:UpdateService", d.arn("ecs/service:Service web-service"), nil)
			d.mayNot(role, "iam:PutRolePolicy iam:AttachRolePolicy", role, nil)
		}

		files, site := "s3:GetObject s3:PutObject s3:DeleteObject", d.bucket("site-bucket")
		d.may(web, files, site+"/static/app.js", nil)
		d.may(web, "s3:ListBucket", site, nil)
		d.mayNot(web, files, site+"/index.html", nil)
		d.mayNot(web, "s3:PutObjectAcl", site+"/static/app.js", nil)
		d.mayNot(web, "s3:DeleteBucket s3:PutBucketPolicy s3:PutLifecycleConfiguration", site, nil)
		d.mayNot(web, files, other.bucket("site-bucket")+"/static/app.js", nil)
		d.mayNot(workers, files, site+"/static/app.js", nil)

		const protect = "ecs:GetTaskProtection ecs:UpdateTaskProtection"
		d.may(workers, protect, d.task(), nil)
		d.mayNot(workers, "ecs:StopTask", d.task(), nil)
		d.mayNot(workers, protect, other.task(), nil)
		d.mayNot(web, protect, d.task(), nil)
	})
}

// TestNothingComesWithoutTLS denies it explicitly, to those that may come with it.
func TestNothingComesWithoutTLS(t *testing.T) {
	t.Parallel()
	eachStack(t, func(t *testing.T, d, other deployed) {
		for _, c := range []struct {
			principal, action, resource, holder string
			given                               keys
		}{
			{d.role("web-task-role"), "sqs:SendMessage", d.queue("queue-queue"), d.queue("queue-queue"), nil},
			{d.role("web-task-role"), "s3:PutObject", d.bucket("site-bucket") + "/static/app.js", d.bucket("site-bucket"), nil},
			{"cloudfront.amazonaws.com", "s3:GetObject", d.bucket("site-bucket") + "/app.js", d.bucket("site-bucket"), keys{"aws:SourceArn": d.distribution()}},
			{"cloudwatch.amazonaws.com", "sns:Publish", d.topic(), d.topic(), d.fromAlarm("queue-age")},
		} {
			_, allowed := d.ask(c.principal, c.action, c.resource, c.given)
			assert.True(t, allowed, "%+v", c)
			plain := keys{"aws:SecureTransport": "false"}
			for key, value := range c.given {
				plain[key] = value
			}
			answer, _ := d.ask(c.principal, c.action, c.resource, plain)
			assert.Equal(t, "denied by statement TlsOnly of the policy of "+c.holder, answer)
		}
	})
}

// fromAlarm is what CloudWatch says of an alarm that it acts for.
func (d deployed) fromAlarm(name string) keys {
	return keys{"aws:SourceAccount": localaws.AccountID, "aws:SourceArn": d.arn("cloudwatch/metricAlarm:MetricAlarm " + name)}
}

// TestServicesOfAWSDoTheirs has the calls that are made for the stack and not by it.
func TestServicesOfAWSDoTheirs(t *testing.T) {
	t.Parallel()
	eachStack(t, func(t *testing.T, d, other deployed) {
		const cloudFront = "cloudfront.amazonaws.com"
		site := d.bucket("site-bucket")
		own, others := keys{"aws:SourceArn": d.distribution()}, keys{"aws:SourceArn": other.distribution()}
		d.may(cloudFront, "s3:GetObject", site+"/static/app.js", own)
		d.may(cloudFront, "s3:ListBucket", site, own)
		d.mayNot(cloudFront, "s3:PutObject s3:DeleteObject", site+"/static/app.js", own)
		d.mayNot(cloudFront, "s3:GetObject", site+"/static/app.js", others)
		d.mayNot(cloudFront, "s3:GetObject", site+"/static/app.js", nil)
		d.mayNot("s3.amazonaws.com", "s3:GetObject", site+"/static/app.js", own)

		const alarms = "cloudwatch.amazonaws.com"
		d.may(alarms, "sns:Publish", d.topic(), d.fromAlarm("queue-dead-letters"))
		d.mayNot(alarms, "sns:Subscribe sns:DeleteTopic", d.topic(), d.fromAlarm("queue-dead-letters"))
		foreign := d.fromAlarm("queue-dead-letters")
		foreign["aws:SourceAccount"] = "210987654321"
		d.mayNot(alarms, "sns:Publish", d.topic(), foreign)
		d.mayNot("events.amazonaws.com", "sns:Publish", d.topic(), d.fromAlarm("queue-dead-letters"))
	})
}

// TestProductionsLogsAreDelivered has the calls of those who write them.
func TestProductionsLogsAreDelivered(t *testing.T) {
	t.Parallel()
	d := bothStacks(t).deployed("prod")
	const put, account = "s3:PutObject", localaws.AccountID
	const balancer = "logdelivery.elasticloadbalancing.amazonaws.com"
	requests, site := d.bucket("web-access-logs"), d.bucket("site-access-logs")
	d.may(balancer, put, requests+"/AWSLogs/"+account+"/elasticloadbalancing/us-east-1/2026/01/01/a.log.gz", nil)
	d.mayNot(balancer, put, requests+"/AWSLogs/210987654321/elasticloadbalancing/a.log.gz", nil)
	d.mayNot(balancer, "s3:GetObject s3:DeleteObject", requests+"/AWSLogs/"+account+"/elasticloadbalancing/a.log.gz", nil)
	d.mayNot(balancer, put, site+"/AWSLogs/"+account+"/elasticloadbalancing/a.log.gz", nil)

	const delivery = "delivery.logs.amazonaws.com"
	viewed := site + "/AWSLogs/" + account + "/CloudFront/a.json"
	from := keys{"aws:SourceAccount": account, "aws:SourceArn": d.arn("cloudwatch/logDeliverySource:LogDeliverySource site-logs"), "s3:x-amz-acl": "bucket-owner-full-control"}
	d.may(delivery, put, viewed, from)
	d.mayNot(delivery, put, site+"/s3/a", from)
	d.mayNot(delivery, put, viewed, keys{"aws:SourceAccount": account, "aws:SourceArn": from["aws:SourceArn"]})

	fromBucket := keys{"aws:SourceAccount": account, "aws:SourceArn": d.bucket("site-bucket")}
	d.may("logging.s3.amazonaws.com", put, site+"/s3/a", fromBucket)
	d.mayNot("logging.s3.amazonaws.com", put, site+"/s3/a", keys{"aws:SourceAccount": account, "aws:SourceArn": requests})

	flows := d.role("network-flow-logs")
	d.may("vpc-flow-logs.amazonaws.com", "sts:AssumeRole", flows, ofAccount)
	d.may(flows, "logs:CreateLogStream logs:PutLogEvents logs:DescribeLogStreams", d.logs("network-flow-logs"), nil)
	d.mayNot(flows, "logs:PutLogEvents", d.logs("web-logs"), nil)
}

// TestAScheduleRunsItsTask adds a job to staging, which has none, and asks for what EventBridge Scheduler does then.
func TestAScheduleRunsItsTask(t *testing.T) {
	t.Parallel()
	p := bothStacks(t)
	p.set("staging", map[string]any{"slipway:schedules": map[string]any{"job": map[string]any{"expression": "rate(1 day)", "command": []string{"release"}}}})
	p.up("staging")
	d, other := p.deployed("staging"), p.deployed("prod")
	role := d.role("workers-job-role")
	d.may("scheduler.amazonaws.com", "sts:AssumeRole", role, ofAccount)
	d.mayNot("events.amazonaws.com", "sts:AssumeRole", role, ofAccount)

	workers, here := d.arn("ecs/taskDefinition:TaskDefinition workers-task"), keys{"ecs:cluster": d.cluster()}
	d.may(role, "ecs:RunTask", workers, here)
	d.may(role, "ecs:RunTask", workers[:strings.LastIndex(workers, ":")]+":99", here)
	d.mayNot(role, "ecs:RunTask", workers, keys{"ecs:cluster": other.cluster()})
	d.mayNot(role, "ecs:RunTask", d.arn("ecs/taskDefinition:TaskDefinition web-task"), here)
	d.mayNot(role, "ecs:StopTask", d.task(), here)
	d.may(role, "ecs:TagResource", d.task(), keys{"ecs:CreateAction": "RunTask"})
	d.mayNot(role, "ecs:TagResource", d.task(), nil)

	toTasks := keys{"iam:PassedToService": "ecs-tasks.amazonaws.com"}
	for _, passed := range []string{"workers-task-role", "workers-execution-role"} {
		d.may(role, "iam:PassRole", d.role(passed), toTasks)
		d.mayNot(role, "iam:PassRole", d.role(passed), keys{"iam:PassedToService": "ec2.amazonaws.com"})
		d.mayNot(role, "iam:PassRole", other.role(passed), toTasks)
	}
	d.mayNot(role, "iam:PassRole", d.role("web-task-role"), toTasks)
	d.may(role, "sqs:SendMessage", d.queue("workers-job-dead-letters"), nil)
	d.mayNot(role, "sqs:SendMessage", d.queue("queue-queue"), nil)
	d.mayNot(role, "sqs:ReceiveMessage", d.queue("workers-job-dead-letters"), nil)

	network, job := netreach.Of(p.account()), d.objects["aws:scheduler/schedule:Schedule workers-job"].ID
	for _, c := range []struct {
		to   string
		port int
		want netreach.Verdict
	}{
		{d.objects[rdsCluster+" database-cluster"].ID, 5432, netreach.Open},
		{"com.amazonaws.us-east-1.sqs", 443, netreach.Open},
		{d.objects[ecsService+" web-service"].ID, 8000, netreach.Closed},
	} {
		reach, err := network.Reach(netreach.Connection{From: job, To: c.to, Port: c.port})
		require.NoError(t, err)
		assert.Equal(t, c.want, reach.Verdict(), "%v", reach)
	}
}

// TestNoRoleReachesIntoAnotherStack tries every action that any policy allows, by every role, on everything that the other stack has.
func TestNoRoleReachesIntoAnotherStack(t *testing.T) {
	t.Parallel()
	eachStack(t, func(t *testing.T, d, other deployed) {
		actions := append(d.allowedActions(), other.allowedActions()...)
		slices.Sort(actions)
		actions = slices.Compact(actions)
		tried := 0
		for _, role := range d.objects {
			if role.Type != "aws:iam/role:Role" {
				continue
			}
			for _, o := range other.objects {
				arn := arnOf(o)
				parts := strings.SplitN(arn, ":", 6)
				if len(parts) != 6 {
					continue
				}
				for _, action := range actions {
					if !strings.HasPrefix(action, parts[2]+":") || action == "ecr:GetAuthorizationToken" { // that knows no resource
						continue
					}
					for _, inside := range []string{"", "/static/app.js", ":log-stream:app/1"} {
						tried++
						if answer, allowed := d.ask(role.ID, action, arn+inside, keys{"ecs:CreateAction": "RunTask"}); allowed {
							assert.Fail(t, "a role of one stack acts on the other", "%s: %s on %s: %s", role.ID, action, arn+inside, answer)
						}
					}
				}
			}
		}
		assert.Greater(t, tried, 500, "calls")
	})
}

// allowedActions are those that the policies of the stack's roles name.
func (d deployed) allowedActions() (actions []string) {
	d.t.Helper()
	for _, o := range d.objects {
		if o.Type != "aws:iam/rolePolicy:RolePolicy" {
			continue
		}
		var policy struct {
			Statement []struct{ Action []string }
		}
		require.NoError(d.t, json.Unmarshal([]byte(o.Properties["policy"].(string)), &policy))
		for _, s := range policy.Statement {
			actions = append(actions, s.Action...)
		}
	}
	return actions
}
