package localaws

import (
	"regexp"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const queueType = "aws:sqs/queue:Queue"

// deletedQueueType is the name of a queue that was deleted: SQS does not give it away for a minute.
const (
	deletedQueueType = "aws:sqs/deletedQueue:DeletedQueue"
	deletedQueueWait = 60 * time.Second
)

var toQueue = reference{types: []string{queueType}, code: "AWS.SimpleQueueService.NonExistentQueue", message: "The specified queue does not exist: %s"}

// sqsKinds are the resource types of SQS.
func sqsKinds() []*kind {
	const service = "SQS"
	ofQueue := map[string]reference{"queueUrl": toQueue}
	return []*kind{
		of(sqs.QueueArgs{}, sqs.Queue{}, kind{service: service, noun: "Queue", id: func(d *draft) string { return d.queueURL(d.text("name")) },
			named:  &naming{property: "name", prefixProperty: "namePrefix", most: 80, suffix: fifoSuffix},
			unique: map[string]string{"name": "QueueAlreadyExists"}, replace: []string{"name", "namePrefix", "fifoQueue"},
			defaults: map[string]any{"visibilityTimeoutSeconds": 30, "messageRetentionSeconds": 345600, "maxMessageSize": 262144, "delaySeconds": 0,
				"receiveWaitTimeSeconds": 0, "kmsDataKeyReusePeriodSeconds": 300, "fifoQueue": false, "contentBasedDeduplication": false},
			check: checkQueue, compute: computeQueue, admit: admitQueue, afterDelete: rememberQueue}),
		of(sqs.QueuePolicyArgs{}, sqs.QueuePolicy{}, kind{service: service, noun: "QueuePolicy", idFrom: "queueUrl", overwrites: always,
			replace: []string{"queueUrl"}, references: ofQueue,
			check: func(c *checking) { c.checkPolicy("policy", "InvalidAttributeValue", queuePolicy) },
			admit: func(a *admission) error { return a.admitPrincipals("policy", "InvalidAttributeValue", queuePolicy) }}),
		of(sqs.RedriveAllowPolicyArgs{}, sqs.RedriveAllowPolicy{}, kind{service: service, noun: "RedriveAllowPolicy", idFrom: "queueUrl", overwrites: always,
			replace: []string{"queueUrl"}, references: ofQueue, check: func(c *checking) { c.checkRedriveAllow("redriveAllowPolicy") }}),
	}
}

func (s scope) queueURL(name string) string {
	return "https://sqs." + s.region + "." + dnsSuffix(s.region) + "/" + s.accountID + "/" + name
}

func fifoSuffix(inputs resource.PropertyMap) string {
	if v := inputs["fifoQueue"]; v.IsBool() && v.BoolValue() {
		return ".fifo"
	}
	return ""
}

func computeQueue(d *draft) {
	d.set("arn", d.arn("sqs", d.text("name")))
	d.set("url", d.id)
	if !d.has("sqsManagedSseEnabled") {
		d.set("sqsManagedSseEnabled", !d.has("kmsMasterKeyId"))
	}
	if d.isTrue("fifoQueue") {
		for property, value := range map[string]any{"deduplicationScope": "queue", "fifoThroughputLimit": "perQueue"} {
			if !d.has(property) {
				d.set(property, value)
			}
		}
	}
}

// generatedName is a name that Pulumi made up and does not make again.
var generatedName = regexp.MustCompile(`-[0-9a-f]{7}(\.fifo)?$`)

// rememberQueue keeps the name of a deleted queue from being used again at once.
func rememberQueue(_ *Account, o *Object) ([]change, error) {
	if generatedName.MatchString(o.text("name")) {
		return nil, nil
	}
	return []change{{Put: &Object{Type: deletedQueueType, ID: o.ID, Account: o.Account, Region: o.Region, URN: o.URN, Created: time.Now().UTC(),
		Properties: map[string]any{"name": o.text("name")}}}}, nil
}

// admitQueue refuses a name that was in use a moment ago, and a dead-letter queue that is not there or of another kind.
func admitQueue(a *admission) error {
	err := a.others(deletedQueueType, func(o *Object) error {
		if a.previous == nil && o.ID == a.id && time.Since(o.Created) < deletedQueueWait {
			return refuse("AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds after deleting a queue before you can create another with the same name.")
		}
		return nil
	})
	redrive, known := redrivePolicyOf(a.text("redrivePolicy"))
	if err != nil || !known {
		return err
	}
	target := a.account.lookup(redrive.Target, queueType)
	if target == nil {
		return refuse("InvalidParameterValue", "Value %s for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.", a.text("redrivePolicy"))
	}
	if strings.HasSuffix(target.text("name"), ".fifo") != a.isTrue("fifoQueue") {
		return refuse("InvalidParameterValue", "Value %s for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of queue as the source.", a.text("redrivePolicy"))
	}
	return nil
}
