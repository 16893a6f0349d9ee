package components

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Queue is a queue of tasks in SQS, for QueueWorkers to work on and for others to fill.
//
//	queue, err := components.NewQueue(ctx, "queue", &components.QueueArgs{VisibilityTimeout: 900})
//	web, err := components.NewWebService(ctx, "web", &components.WebServiceArgs{Connections: []components.Connection{database, queue}, ...})
//
// It creates the queue and a dead-letter queue, both encrypted and closed to requests without TLS, and alarms on the age of the oldest message
// and on anything in the dead-letter queue; with ExistingArn the alarm on the age alone.
//
// About what it costs a month (us-east-1):
//
//	requests  $0.40  per million, the first million is free; a waiting worker makes about 130,000
//	alarms    $0.20  $0.10 with ExistingArn
type Queue struct {
	pulumi.ResourceState

	// QueueUrl is where SQS answers for the queue, as applications name it.
	QueueUrl pulumi.StringOutput `pulumi:"queueUrl"`
	// QueueArn is what policies name the queue by.
	QueueArn pulumi.StringOutput `pulumi:"queueArn"`
	// QueueName is what metrics go by.
	QueueName pulumi.StringOutput `pulumi:"queueName"`
	// DeadLetterQueueUrl is where messages are that failed for good; empty for an existing queue.
	DeadLetterQueueUrl pulumi.StringOutput `pulumi:"deadLetterQueueUrl"`

	Queue           *sqs.Queue // nil if one was given
	DeadLetterQueue *sqs.Queue // nil if one was given
	Alarms          []*cloudwatch.MetricAlarm

	name              string
	variable          string
	visibilityTimeout int
	kmsKeyArn         pulumi.StringInput
}

// NewQueue makes a queue, or takes one that exists. An error names every argument that is wrong.
func NewQueue(ctx *pulumi.Context, name string, args *QueueArgs, opts ...pulumi.ResourceOption) (*Queue, error) {
	settings, err := args.withDefaults(name)
	if err != nil {
		return nil, err
	}
	q := &Queue{name: name, variable: settings.Variable, visibilityTimeout: settings.VisibilityTimeout, kmsKeyArn: settings.KmsKeyArn}
	if err := ctx.RegisterComponentResource("slipway:index:Queue", name, q, opts...); err != nil {
		return nil, err
	}
	create := q.createQueues
	if settings.ExistingArn != nil {
		create = q.useExisting
	}
	for _, step := range []func(*pulumi.Context, QueueArgs) error{create, q.createAlarms} {
		if err := step(ctx, settings); err != nil {
			return nil, err
		}
	}
	return q, ctx.RegisterResourceOutputs(q, pulumi.Map{
		"queueUrl":           q.QueueUrl,
		"queueArn":           q.QueueArn,
		"queueName":          q.QueueName,
		"deadLetterQueueUrl": q.DeadLetterQueueUrl,
	})
}

// useExisting takes what is known of a queue from its ARN.
func (q *Queue) useExisting(_ *pulumi.Context, args QueueArgs) error {
	existing := args.ExistingArn.ToStringOutput()
	q.QueueArn = existing
	q.QueueUrl = existing.ApplyT(queueUrl).(pulumi.StringOutput)
	q.QueueName = existing.ApplyT(func(queueArn string) (string, error) {
		parsed, err := parseQueueArn(queueArn)
		return parsed.resource, err
	}).(pulumi.StringOutput)
	q.DeadLetterQueueUrl = pulumi.String("").ToStringOutput()
	return nil
}

func (q *Queue) createQueues(ctx *pulumi.Context, args QueueArgs) (err error) {
	q.DeadLetterQueue, err = newQueue(ctx, q.name+"-dead-letters", q, &sqs.QueueArgs{
		// A dead-letter queue is of the kind of its queue.
		FifoQueue:               fifo(args.Fifo),
		MessageRetentionSeconds: pulumi.Int(deadLetterRetention),
	}, args.KmsKeyArn, args.Tags, pulumi.Protect(!args.Ephemeral))
	if err != nil {
		return err
	}
	q.Queue, err = newQueue(ctx, q.name+"-queue", q, &sqs.QueueArgs{
		FifoQueue:                fifo(args.Fifo),
		MessageRetentionSeconds:  pulumi.Int(args.RetentionSeconds),
		VisibilityTimeoutSeconds: pulumi.Int(args.VisibilityTimeout),
		ReceiveWaitTimeSeconds:   pulumi.Int(20), // long polling, SQS's longest: fewer empty answers to pay
		RedrivePolicy: pulumi.JSONMarshal(pulumi.Map{
			"deadLetterTargetArn": q.DeadLetterQueue.Arn,
			"maxReceiveCount":     pulumi.Int(args.MaxReceiveCount),
		}),
	}, args.KmsKeyArn, args.Tags, pulumi.Protect(!args.Ephemeral))
	if err != nil {
		return err
	}
	// Only this queue may move messages there.
	_, err = sqs.NewRedriveAllowPolicy(ctx, q.name+"-dead-letters", &sqs.RedriveAllowPolicyArgs{
		QueueUrl: q.DeadLetterQueue.Url,
		RedriveAllowPolicy: pulumi.JSONMarshal(pulumi.Map{
			"redrivePermission": pulumi.String("byQueue"),
			"sourceQueueArns":   pulumi.StringArray{q.Queue.Arn},
		}),
	}, pulumi.Parent(q))
	q.QueueUrl, q.QueueArn, q.QueueName = q.Queue.Url, q.Queue.Arn, q.Queue.Name
	q.DeadLetterQueueUrl = q.DeadLetterQueue.Url
	return err
}

// newQueue creates a queue that is encrypted and takes no requests without TLS.
func newQueue(ctx *pulumi.Context, name string, component pulumi.Resource, args *sqs.QueueArgs, kmsKeyArn pulumi.StringInput, tags map[string]string, opts ...pulumi.ResourceOption) (*sqs.Queue, error) {
	if kmsKeyArn == nil {
		args.SqsManagedSseEnabled = pulumi.Bool(true)
	} else {
		args.KmsMasterKeyId = kmsKeyArn
	}
	args.Tags = pulumi.ToStringMap(tags)
	queue, err := sqs.NewQueue(ctx, name, args, append(opts, pulumi.Parent(component))...)
	if err != nil {
		return nil, err
	}
	_, err = sqs.NewQueuePolicy(ctx, name, &sqs.QueuePolicyArgs{
		QueueUrl: queue.Url,
		Policy:   queue.Arn.ApplyT(tlsOnlyQueuePolicy).(pulumi.StringOutput),
	}, pulumi.Parent(component))
	return queue, err
}

// fifo is left out where it is false: AWS does not know a queue that is "not FIFO" by attribute.
func fifo(on bool) pulumi.BoolPtrInput {
	if !on {
		return nil
	}
	return pulumi.Bool(true)
}

func tlsOnlyQueuePolicy(queueArn string) (string, error) {
	return policyDocument(tlsOnly("sqs:*", queueArn))
}

// parseQueueArn reads arn:aws:sqs:<region>:<account>:<name>.
func parseQueueArn(queueArn string) (arn, error) {
	parsed, err := parseArn(queueArn)
	if err != nil || parsed.service != "sqs" || parsed.resource == "" {
		return arn{}, fmt.Errorf("existingArn: got %q, takes the ARN of an SQS queue, such as arn:aws:sqs:us-east-1:123456789012:jobs", queueArn)
	}
	return parsed, nil
}

// queueUrl is where SQS answers for a queue.
func queueUrl(queueArn string) (string, error) {
	parsed, err := parseQueueArn(queueArn)
	if err != nil {
		return "", err
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(parsed.region, "cn-") {
		domain += ".cn"
	}
	return fmt.Sprintf("https://sqs.%s.%s/%s/%s", parsed.region, domain, parsed.account, parsed.resource), nil
}
