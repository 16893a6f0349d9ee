package smoke

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/awsaccess"
)

// queue answers with its counts one after the other; the last one stays.
type queue struct {
	sent   []string
	counts []Counts
	err    error
}

func (q *queue) Send(_ context.Context, message string) error {
	q.sent = append(q.sent, message)
	return q.err
}

func (q *queue) Count(context.Context) (Counts, error) {
	counts := q.counts[0]
	if len(q.counts) > 1 {
		q.counts = q.counts[1:]
	}
	return counts, nil
}

// site answers with each status in turn, the last one for ever.
func site(t *testing.T, statuses ...int) (url string, asked *[]*http.Request) {
	t.Helper()
	asked = &[]*http.Request{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r)
		w.WriteHeader(statuses[min(len(*asked), len(statuses))-1])
		_, _ = w.Write([]byte("said\n so"))
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestRun(t *testing.T) {
	t.Parallel()
	waiting, inWork, empty := Counts{Waiting: 1}, Counts{InWork: 1}, Counts{}
	for _, test := range []struct {
		name     string
		statuses []int
		queue    *queue // nil for a stack without one
		settle   time.Duration
		want     []string // of the error; nil for none
	}{
		{name: "all well", statuses: []int{200}, queue: &queue{counts: []Counts{waiting, inWork, empty}}, settle: time.Hour},
		{name: "the web address answers late", statuses: []int{502, 503, 200}},
		{name: "the message was never seen, and the queue stays empty", statuses: []int{200}, queue: &queue{counts: []Counts{empty}}},
		{name: "no answer", statuses: []int{503}, want: []string{"web: ", "/status/ did not answer with 200 within 20ms", "503 Service Unavailable: said so"}},
		{name: "a redirect to nowhere", statuses: []int{404}, want: []string{"404 Not Found"}},
		{name: "no worker", statuses: []int{200}, queue: &queue{counts: []Counts{waiting}}, want: []string{"no worker took a message within 20ms (1 wait, 0 are in work)"}},
		{name: "an empty queue is not believed at once", statuses: []int{200}, queue: &queue{counts: []Counts{empty}}, settle: time.Hour, want: []string{"no worker took a message"}},
		{name: "a task that fails", statuses: []int{200}, queue: &queue{counts: []Counts{inWork, waiting}}, want: []string{"taken and not finished", "the task smoke_test fails"}},
		{name: "no access", statuses: []int{200}, queue: &queue{err: errors.New("AccessDenied")}, want: []string{"the message could not be sent: AccessDenied"}},
		{name: "nothing works", statuses: []int{500}, queue: &queue{counts: []Counts{waiting}}, want: []string{"web: ", "worker: "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url, asked := site(t, test.statuses...)
			stack := Stack{WebUrl: url, HealthPath: "/status/"}
			run := Test{Task: "smoke_test", WebTimeout: 20 * time.Millisecond, WorkerTimeout: 20 * time.Millisecond,
				Settle: test.settle, Pause: time.Millisecond, Log: &bytes.Buffer{}}
			if test.queue != nil {
				run.Queue, stack.QueueUrl = test.queue, "https://sqs/queue"
			}
			if test.want == nil {
				run.WebTimeout, run.WorkerTimeout = time.Minute, time.Minute
			}
			err := run.Run(t.Context(), stack)
			if test.want == nil {
				require.NoError(t, err)
			}
			for _, words := range test.want {
				require.ErrorContains(t, err, words)
			}
			assert.Equal(t, "/status/", (*asked)[0].URL.Path)
			if test.queue != nil {
				assert.Len(t, test.queue.sent, 1)
			}
		})
	}
}

func TestAHostThatNobodyKnowsIsAskedAtTheLoadBalancer(t *testing.T) {
	t.Parallel()
	url, asked := site(t, 200)
	stack := Stack{WebUrl: "http://pr-1.test", LoadBalancer: strings.TrimPrefix(url, "http://"), HealthPath: "/status/"}
	run := Test{WebTimeout: time.Minute, Log: &bytes.Buffer{}}
	require.NoError(t, run.Run(t.Context(), stack))
	assert.Equal(t, "pr-1.test", (*asked)[0].Host)

	require.ErrorContains(t, run.Run(t.Context(), Stack{WebUrl: "app"}), `webUrl is "app"; it takes a URL`)
}

func TestMessageIsCelerys(t *testing.T) {
	t.Parallel()
	id, message := newMessage("smoke_test", "https://sqs.us-east-1.amazonaws.com/123456789012/jobs")
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id)
	text, err := base64.StdEncoding.DecodeString(message)
	require.NoError(t, err)
	var envelope struct {
		Body            string
		ContentEncoding string `json:"content-encoding"`
		ContentType     string `json:"content-type"`
		Headers         map[string]any
		Properties      map[string]any
	}
	require.NoError(t, json.Unmarshal(text, &envelope))
	body, err := base64.StdEncoding.DecodeString(envelope.Body)
	require.NoError(t, err)
	assert.JSONEq(t, `[[], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]`, string(body))
	assert.Equal(t, []any{"smoke_test", id, id}, []any{envelope.Headers["task"], envelope.Headers["id"], envelope.Properties["correlation_id"]})
	assert.Equal(t, map[string]any{"exchange": "", "routing_key": "jobs"}, envelope.Properties["delivery_info"], "or the worker cannot delete the message")
	other, _ := newMessage("smoke_test", "https://sqs.us-east-1.amazonaws.com/123456789012/jobs")
	assert.NotEqual(t, id, other)
}

func TestSQS(t *testing.T) {
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
		t.Setenv(name, value)
	}
	var calls, signed []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed = append(signed, r.Header.Get("Authorization"))
		if r.Header.Get("X-Amz-Target") == "" { // STS
			_ = r.ParseForm()
			calls = append(calls, r.Form.Get("Action")+" "+r.Form.Get("RoleArn"))
			_, _ = w.Write([]byte(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>` +
				`<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>y</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`))
			return
		}
		calls = append(calls, r.Header.Get("X-Amz-Target"))
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "SendMessage") {
			_, _ = w.Write([]byte(`{"MessageId":"1","MD5OfMessageBody":"5d41402abc4b2a76b9719d911017c592"}`)) // of hello
			return
		}
		_, _ = w.Write([]byte(`{"Attributes":{"ApproximateNumberOfMessages":"2","ApproximateNumberOfMessagesDelayed":"1","ApproximateNumberOfMessagesNotVisible":"4"}}`))
	}))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	queue, err := NewSQS(t.Context(), server.URL+"/123456789012/queue", awsaccess.Access{Region: "eu-central-1", RoleArn: "arn:aws:iam::123456789012:role/deploy"})
	require.NoError(t, err)
	require.NoError(t, queue.Send(t.Context(), "hello"))
	counts, err := queue.Count(t.Context())
	require.NoError(t, err)
	assert.Equal(t, Counts{Waiting: 3, InWork: 4}, counts)
	assert.Equal(t, []string{"AssumeRole arn:aws:iam::123456789012:role/deploy", "AmazonSQS.SendMessage", "AmazonSQS.GetQueueAttributes"}, calls)
	assert.Contains(t, signed[1], "ASIAROLE/")
	assert.Contains(t, signed[1], "/eu-central-1/sqs/")
}
