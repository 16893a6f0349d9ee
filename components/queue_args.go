package components

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// QueueArgs are all optional.
type QueueArgs struct {
	// ExistingArn is a queue that exists already, in the region of the stack: it is used as it is. Its owner keeps its attributes and its
	// dead-letter queue; VisibilityTimeout has to say what it was created with. Default: a queue of its own.
	// Example: pulumi.String("arn:aws:sqs:us-east-1:123456789012:jobs").
	ExistingArn pulumi.StringInput `pulumi:"existingArn,optional"`
	// Variable is what the URL is called in the environment of whoever is connected. Queues that one service is connected to need different
	// ones. Default: "CELERY_QUEUE_URL". Example: "REPORTS_QUEUE_URL".
	Variable string `pulumi:"variable,optional"`
	// VisibilityTimeout is for how many seconds a received message is hidden from other workers, 0 to 43200. It has to be longer
	// than the longest task: when it is over, SQS gives the message to another worker. Default: 300.
	VisibilityTimeout int `pulumi:"visibilityTimeout,optional"`
	// MaxReceiveCount is after how many receives without success a message moves to the dead-letter queue, 1 to 1000. Default: 3.
	MaxReceiveCount int `pulumi:"maxReceiveCount,optional"`
	// RetentionSeconds is for how long the queue keeps a message, 60 to 1209600. Default: 345600, four days; the dead-letter queue keeps
	// it for 14 days, counted from when it was first sent.
	RetentionSeconds int `pulumi:"retentionSeconds,optional"`
	// Fifo keeps the order within a message group, and takes each message once. Existing queues are what their name says.
	// Changing it replaces the queue, and with it the messages. Default: false.
	Fifo bool `pulumi:"fifo,optional"`
	// KmsKeyArn encrypts with a customer key, whose policy has to allow what the roles may do with it. Default: SQS's own key, free.
	// Example: key.Arn.
	KmsKeyArn pulumi.StringInput `pulumi:"kmsKeyArn,optional"`
	// MaxMessageAge is the age of the oldest message, in seconds, that raises an alarm. Default: 1800.
	MaxMessageAge int `pulumi:"maxMessageAge,optional"`
	// AlarmActions is what the alarms do when they go off and when they are over, such as telling an AlarmTopic; 5 at most.
	// Default: none, alarms are to be seen only. Example: pulumi.StringArray{alarms.TopicArn}.
	AlarmActions pulumi.StringArrayInput `pulumi:"alarmActions,optional"`
	// Ephemeral is for environments that come and go: the queues may be deleted with the messages in them. Otherwise Pulumi protects
	// them, as SQS asks nobody; to delete or to replace one needs `pulumi state unprotect` first. Default: false.
	Ephemeral bool `pulumi:"ephemeral,optional"`
	// Tags of the queues and alarms. Default: none. Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

// queueVariable is what the sample application and its worker read.
const queueVariable = "CELERY_QUEUE_URL"

// deadLetterRetention is SQS's longest, 14 days in seconds.
const deadLetterRetention = 1209600

func (a *QueueArgs) withDefaults(name string) (QueueArgs, error) {
	var args QueueArgs
	if a != nil {
		args = *a
	}
	wrong := invalid.In(fmt.Sprintf("Queue %q", name))
	if args.ExistingArn != nil {
		for _, field := range []struct {
			name  string
			given bool
		}{
			{"maxReceiveCount", args.MaxReceiveCount != 0},
			{"retentionSeconds", args.RetentionSeconds != 0},
			{"fifo", args.Fifo},
		} {
			if field.given {
				wrong.Conflict("existingArn, "+field.name, "exclude each other, as an existing queue is set up by its owner; remove one")
			}
		}
	}
	args.Variable = cmp.Or(args.Variable, queueVariable)
	args.VisibilityTimeout = cmp.Or(args.VisibilityTimeout, 300)
	args.MaxReceiveCount = cmp.Or(args.MaxReceiveCount, 3)
	args.RetentionSeconds = cmp.Or(args.RetentionSeconds, 345600)
	args.MaxMessageAge = cmp.Or(args.MaxMessageAge, 1800)

	wrong.Check("name", name, limits.NamePrefix(name, "-dead-letters.fifo", limits.QueueNameLength))
	checkTags(args.Tags, limits.MaxTags, wrong)
	wrong.Check("variable", args.Variable, limits.EnvironmentName(args.Variable))
	wrong.Check("visibilityTimeout", args.VisibilityTimeout, limits.VisibilityTimeout(args.VisibilityTimeout))
	wrong.Check("maxReceiveCount", args.MaxReceiveCount, limits.MaxReceiveCount(args.MaxReceiveCount))
	wrong.Check("retentionSeconds", args.RetentionSeconds, limits.MessageRetention(args.RetentionSeconds))
	wrong.Check("maxMessageAge", args.MaxMessageAge, limits.MessageRetention(args.MaxMessageAge))
	return args, wrong.Err()
}
