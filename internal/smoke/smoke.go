// Package smoke tests a stack that has been deployed: its web address answers, and a worker takes a message.
package smoke

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Stack is what is tested.
type Stack struct {
	// WebUrl and LoadBalancer are outputs of the stack, HealthPath is its webHealthCheckPath.
	WebUrl, LoadBalancer, HealthPath string
	// QueueUrl is an output of the stack; "" for one without workers.
	QueueUrl string
}

// Test is how a stack is tested.
type Test struct {
	// Task is the name of the Celery task that is asked for.
	Task string
	// WebTimeout is how long the web address may take until it answers, WorkerTimeout how long the message may wait.
	WebTimeout, WorkerTimeout time.Duration
	// Settle is for how long an empty queue is distrusted: SQS counts its messages late, by up to a minute.
	Settle time.Duration
	// Pause is the time between two looks.
	Pause time.Duration
	// Queue is the queue of the stack.
	Queue Queue
	// Client sends the requests. Default: one with the proxies of the environment.
	Client *http.Client
	// Log takes what is being done.
	Log io.Writer
}

// Run tests both. The error says all that does not work.
func (t *Test) Run(ctx context.Context, stack Stack) error {
	web := t.web(ctx, stack)
	if stack.QueueUrl == "" {
		t.say("the stack has no queue, so no worker is tested")
		return web
	}
	return errors.Join(web, t.worker(ctx, stack.QueueUrl))
}

func (t *Test) say(format string, args ...any) { fmt.Fprintf(t.Log, "slipway: "+format+"\n", args...) }

// web asks for the health path until it is answered with 200.
func (t *Test) web(ctx context.Context, stack Stack) error {
	request, err := stack.request(ctx)
	if err != nil {
		return err
	}
	address := strings.TrimSuffix(stack.WebUrl, "/") + stack.HealthPath
	started := time.Now()
	var last error
	for {
		if last = t.ask(request); last == nil {
			t.say("%s answers with 200, after %s", address, time.Since(started).Round(time.Second))
			return nil
		}
		if time.Since(started)+t.Pause > t.WebTimeout {
			return fmt.Errorf("web: %s did not answer with 200 within %s; the last time: %w", address, t.WebTimeout, last)
		}
		if err := wait(ctx, t.Pause); err != nil {
			return err
		}
	}
}

// request goes to the load balancer where nothing else knows the host name: that of a shared test environment without a
// domain.
func (s Stack) request(ctx context.Context) (*http.Request, error) {
	address, err := url.Parse(strings.TrimSuffix(s.WebUrl, "/") + s.HealthPath)
	if err != nil || address.Host == "" {
		return nil, fmt.Errorf("web: the stack's output webUrl is %q; it takes a URL", s.WebUrl)
	}
	host := address.Host
	if strings.HasSuffix(host, ".test") && s.LoadBalancer != "" {
		address.Host = s.LoadBalancer
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Host = host
	request.Header.Set("User-Agent", "slipway-smoke")
	return request, nil
}

func (t *Test) ask(request *http.Request) error {
	client := t.Client
	if client == nil {
		client = &http.Client{Timeout: 15 * time.Second}
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, 200)) // what has come of it helps, and no more is wanted
	return fmt.Errorf("%s: %s", response.Status, strings.Join(strings.Fields(string(body)), " "))
}

// worker sends a message, and waits until the queue is empty: the sample's workers delete a message when its task has
// succeeded.
func (t *Test) worker(ctx context.Context, queueUrl string) error {
	id, message := newMessage(t.Task, queueUrl)
	if err := t.Queue.Send(ctx, message); err != nil {
		return fmt.Errorf("worker: the message could not be sent: %w", err)
	}
	t.say("sent the task %s (%s) to the queue; a first worker takes some minutes to start", t.Task, id)
	started := time.Now()
	seen, taken := false, false
	var counts Counts
	for {
		var err error
		if counts, err = t.Queue.Count(ctx); err != nil {
			return fmt.Errorf("worker: the queue's messages could not be counted: %w", err)
		}
		seen, taken = seen || counts.total() > 0, taken || counts.InWork > 0
		waited := time.Since(started)
		if counts.total() == 0 && (seen || waited >= t.Settle) {
			t.say("a worker has taken it, after %s", waited.Round(time.Second))
			return nil
		}
		if waited+t.Pause > t.WorkerTimeout {
			return t.notTaken(counts, taken)
		}
		if err := wait(ctx, t.Pause); err != nil {
			return err
		}
	}
}

func (t *Test) notTaken(counts Counts, taken bool) error {
	state := fmt.Sprintf("%d wait, %d are in work", counts.Waiting, counts.InWork)
	if taken {
		return fmt.Errorf("worker: messages are taken and not finished within %s (%s): the task %s fails or is not known, or others are in the queue; see the workers' logs", t.WorkerTimeout, state, t.Task)
	}
	return fmt.Errorf("worker: no worker took a message within %s (%s): see whether the workers' service starts tasks, and their logs", t.WorkerTimeout, state)
}

func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
