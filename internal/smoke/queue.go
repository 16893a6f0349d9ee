package smoke

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"slipway/internal/awsaccess"
)

// Queue is the queue that workers take messages from.
type Queue interface {
	Send(ctx context.Context, message string) error
	Count(ctx context.Context) (Counts, error)
}

// Counts are the messages in a queue, about.
type Counts struct {
	// Waiting are those that can be taken, or can be soon; InWork those that a worker has.
	Waiting, InWork int
}

func (c Counts) total() int { return c.Waiting + c.InWork }

// newMessage is a message of Celery's protocol 2 as kombu sends it to SQS: JSON in Base64, with the arguments in Base64 in
// it. The routing key is the queue's name: by it the worker finds the queue again to delete the message. https://docs.celeryq.dev/en/stable/internals/protocol.html
func newMessage(task, queueUrl string) (id, message string) {
	id = uuid()
	name, err := os.Hostname()
	if err != nil {
		name = "slipway"
	}
	envelope := map[string]any{
		"body":             base64.StdEncoding.EncodeToString([]byte(`[[], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]`)),
		"content-encoding": "utf-8",
		"content-type":     "application/json",
		"headers": map[string]any{
			"lang": "py", "task": task, "id": id, "root_id": id, "parent_id": nil, "group": nil,
			"retries": 0, "timelimit": []any{nil, nil}, "argsrepr": "()", "kwargsrepr": "{}", "origin": "slipway-smoke@" + name,
		},
		"properties": map[string]any{
			"correlation_id": id, "reply_to": uuid(), "delivery_mode": 2, "delivery_info": map[string]any{"exchange": "", "routing_key": path.Base(queueUrl)},
			"priority": 0, "body_encoding": "base64", "delivery_tag": uuid(),
		},
	}
	text, err := json.Marshal(envelope)
	if err != nil {
		panic(err) // strings and numbers always can be
	}
	return id, base64.StdEncoding.EncodeToString(text)
}

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// SQS is a queue on AWS. It takes sqs:SendMessage and sqs:GetQueueAttributes.
type SQS struct {
	client *sqs.Client
	url    string
}

// NewSQS opens a queue by its URL.
func NewSQS(ctx context.Context, url string, access awsaccess.Access) (*SQS, error) {
	cfg, err := access.Config(ctx, "slipway-smoke")
	if err != nil {
		return nil, err
	}
	return &SQS{client: sqs.NewFromConfig(cfg), url: url}, nil
}

// Send implements Queue.
func (q *SQS) Send(ctx context.Context, message string) error {
	_, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &message})
	return err
}

// Count implements Queue.
func (q *SQS) Count(ctx context.Context) (Counts, error) {
	waiting, delayed, inWork := types.QueueAttributeNameApproximateNumberOfMessages,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	answer, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{waiting, delayed, inWork},
	})
	if err != nil {
		return Counts{}, err
	}
	number := map[types.QueueAttributeName]int{}
	for _, name := range []types.QueueAttributeName{waiting, delayed, inWork} {
		if number[name], err = strconv.Atoi(answer.Attributes[string(name)]); err != nil {
			return Counts{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return Counts{Waiting: number[waiting] + number[delayed], InWork: number[inWork]}, nil
}
