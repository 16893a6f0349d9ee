package localaws

import (
	"slices"
	"strings"
	"time"
)

const deadQueue = "arn:aws:sqs:us-east-1:123456789012:dead"

// queues are a queue that is refused and one that is taken.
func queues(name, code, about string, refused, accepted map[string]any) ruleCase {
	return ruleCase{name, code, about, inPreview(queueType, refused, accepted)}
}

// named is a queue of a name, and ordered one that is FIFO.
func named(name string) map[string]any { return map[string]any{"name": name} }

func ordered(name string) map[string]any { return map[string]any{"name": name, "fifoQueue": true} }

// attribute are the cases of a queue's number.
func attribute(property string, low, high int) []ruleCase {
	return limited("InvalidAttributeValue", queueType, nil, property, low, high)
}

var queueRules = []rule{
	{number: 53, says: "A queue's name of more than 80 characters or of others than letters, digits, hyphens and underscores; a FIFO queue's without `.fifo`.",
		why: "The name is the end of the queue's URL.", cases: []ruleCase{
			queues("81 characters", "InvalidParameterValue", "1 to 80 in length", named(strings.Repeat("a", 81)), named(strings.Repeat("a", 80))),
			queues("a dot", "InvalidParameterValue", "alphanumeric characters, hyphens, or underscores", named("my.jobs"), named("my-jobs_1")),
			queues("FIFO without its suffix", "InvalidParameterValue", "must end with .fifo", ordered("jobs"), ordered("jobs.fifo")),
			queues("FIFO of 81", "InvalidParameterValue", "be 1 to 80 in length", ordered(strings.Repeat("a", 76)+".fifo"), ordered(strings.Repeat("a", 75)+".fifo")),
			queues("a standard queue with it", "InvalidParameterValue", "alphanumeric characters, hyphens, or underscores", named("jobs.fifo"), named("jobs")),
		}},
	{number: 54, says: "A visibility timeout that is not from 0 to 43200 seconds, messages not kept from 60 to 1209600 seconds, a delay not from 0 to 900, a wait not from 0 to 20, a size not from 1024 to 1048576 bytes.",
		why: "The limits are the API's.", cases: slices.Concat(attribute("visibilityTimeoutSeconds", 0, 43200), attribute("messageRetentionSeconds", 60, 1209600),
			attribute("delaySeconds", 0, 900), attribute("receiveWaitTimeSeconds", 0, 20), attribute("maxMessageSize", 1024, 1048576))},
	{number: 55, says: "A redrive policy to a queue that does not exist, of the other kind or in another region; a number of receives that is not from 1 to 1000.",
		why: "Messages are moved within a service of a region.", cases: []ruleCase{
			queues("after no receive", "InvalidParameterValue", "from 1 to 1000", redrive(deadQueue, "0"), redrive(deadQueue, "1")),
			queues("after 1001 receives", "InvalidParameterValue", "from 1 to 1000", redrive(deadQueue, "1001"), redrive(deadQueue, "1000")),
			queues("in another region", "InvalidParameterValue", "same region as the source", redrive(strings.Replace(deadQueue, "us-east-1", "eu-west-1", 1), "3"), redrive(deadQueue, "3")),
			{"to no queue", "InvalidParameterValue", "Dead letter target does not exist", onCreate(queueType, func(e *embedded) (map[string]any, map[string]any) {
				return redrive(deadQueue, "3"), redrive(e.create(queueType, "other", named("other"))["arn"].(string), "3")
			})},
			{"to one of the other kind", "InvalidParameterValue", "must be same type of queue", onCreate(queueType, func(e *embedded) (map[string]any, map[string]any) {
				to := redrive(e.create(queueType, "dead", named("dead"))["arn"].(string), "3")
				return setting(to, "fifoQueue", true), to
			})},
		}},
	{number: 56, says: "SQS's own encryption together with a key of KMS.",
		why: "A message is encrypted once.", cases: []ruleCase{
			queues("both", "InvalidAttributeValue", "one type of server-side encryption", map[string]any{"sqsManagedSseEnabled": true, "kmsMasterKeyId": "alias/aws/sqs"},
				map[string]any{"sqsManagedSseEnabled": false, "kmsMasterKeyId": "alias/aws/sqs"}),
		}},
	{number: 57, says: "The name of a queue that was deleted less than 60 seconds ago.",
		why: "A deletion takes that long to be known everywhere.", cases: []ruleCase{
			{"at once", "AWS.SimpleQueueService.QueueDeletedRecently", "wait 60 seconds", enforcement{"create", queueType, func(e *embedded) (error, error) {
				queue := e.deploy(queueType, "jobs", named("jobs"))
				if err := queue.delete(); err != nil {
					return nil, err
				}
				_, atOnce := e.tryCreate(queueType, "jobs", named("jobs"))
				e.account.existing(deletedQueueType, queue.id).Created = time.Now().Add(-deletedQueueWait)
				_, later := e.tryCreate(queueType, "jobs", named("jobs"))
				return atOnce, later
			}}},
		}},
}
