package localserve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// balancer is a service's load balancer on localhost: it sends requests to the healthy ones of its tasks, one after the other.
type balancer struct {
	check healthCheck
	say   func(format string, args ...any)

	mu      sync.Mutex
	targets []*member
	next    int
}

// member is a task that the balancer knows.
type member struct {
	name    string
	address string
	proxy   *httputil.ReverseProxy
	healthy bool
}

func newBalancer(check healthCheck, say func(format string, args ...any)) *balancer {
	return &balancer{check: check, say: say}
}

// ServeHTTP implements http.Handler. Without a healthy task it answers as a load balancer does.
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m := b.pick()
	if m == nil {
		http.Error(w, "503 Service Temporarily Unavailable: no task is healthy", http.StatusServiceUnavailable)
		return
	}
	m.proxy.ServeHTTP(w, r)
}

func (b *balancer) pick() *member {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.targets {
		b.next = (b.next + 1) % len(b.targets)
		if m := b.targets[b.next]; m.healthy {
			return m
		}
	}
	return nil
}

// register adds a task whose port is to be found at the address.
func (b *balancer) register(name, address string) *member {
	m := &member{name: name, address: address}
	m.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: address})
			r.Out.Host = r.In.Host // the application checks it
			r.SetXForwarded()
			_, port, _ := net.SplitHostPort(r.In.Host)
			r.Out.Header.Set("X-Forwarded-Port", port)
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if errors.Is(err, context.Canceled) {
				return // the client has gone
			}
			http.Error(w, "502 Bad Gateway: "+name+": "+err.Error(), http.StatusBadGateway)
		},
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.targets = append(b.targets, m)
	return m
}

func (b *balancer) deregister(m *member) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.targets = slices.DeleteFunc(b.targets, func(other *member) bool { return other == m })
}

// eager is how often a task is asked that has not answered yet: people wait for it.
const eager = 200 * time.Millisecond

// watch asks for the health of a task until ended is closed, and says when it changes. unhealthy is called when it is so, or has not
// become healthy after the grace period; healthy is when it first is.
func (b *balancer) watch(ctx context.Context, m *member, ended <-chan struct{}, grace time.Duration, healthy func(), unhealthy func(reason string)) {
	deadline := time.Now().Add(grace)
	was, good, bad := false, 0, 0
	for {
		reason := b.ask(ctx, m.address)
		if isClosed(ended) {
			return
		}
		if reason == "" {
			good, bad = good+1, 0
		} else {
			good, bad = 0, bad+1
		}
		switch {
		case !m.healthy && good > 0 && (!was || good >= b.check.HealthyThreshold):
			b.set(m, true)
			b.say("%s is healthy: GET %s", m.name, b.check.Path)
			if !was {
				healthy()
			}
			was = true
		case m.healthy && bad >= b.check.UnhealthyThreshold:
			b.set(m, false)
			b.say("%s is unhealthy: %s", m.name, reason)
		}
		if !m.healthy && bad >= b.check.UnhealthyThreshold && time.Now().After(deadline) {
			unhealthy("its health check failed: " + reason)
			return
		}
		pause := time.NewTimer(time.Duration(b.check.Interval) * time.Second)
		if !was {
			pause.Reset(eager)
		}
		select {
		case <-pause.C:
		case <-ended:
			pause.Stop()
			return
		}
	}
}

func (b *balancer) set(m *member, healthy bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m.healthy = healthy
}

// ask asks a task for its health; "" when it is as the target group takes it.
func (b *balancer) ask(ctx context.Context, address string) (reason string) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(b.check.Timeout)*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+b.check.Path, nil)
	if err != nil {
		return err.Error()
	}
	request.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Sprintf("GET %s: %v", b.check.Path, err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	if !matches(b.check.Matcher, response.StatusCode) {
		return fmt.Sprintf("GET %s answers %d, takes %s", b.check.Path, response.StatusCode, b.check.Matcher)
	}
	return ""
}

// matches tells whether a matcher such as "200", "200,302" or "200-299" takes the status.
func matches(matcher string, status int) bool {
	for part := range strings.SplitSeq(matcher, ",") {
		low, high, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			high = low
		}
		from, errFrom := strconv.Atoi(low)
		to, errTo := strconv.Atoi(high)
		if errFrom == nil && errTo == nil && from <= status && status <= to {
			return true
		}
	}
	return false
}
