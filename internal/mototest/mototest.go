// Package mototest gives tests an AWS over HTTP: moto_server, as real as it is, with what it lacks answered from files.
package mototest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// accounts counts those of a test's executable. They share one server, and keep its tests apart.
var accounts atomic.Int64

// Account is an AWS account of a test's own.
type Account struct {
	// URL is the endpoint: the value of AWS_ENDPOINT_URL.
	URL string
	// ID is the account's number.
	ID string

	mu       sync.Mutex
	calls    []Call
	answers  []answer
	policies map[string][]byte
}

// Call is a request that was made.
type Call struct {
	Service, Operation string
	Body               string
}

func (c Call) String() string { return c.Service + " " + c.Operation }

// IsWrite tells whether a call changes something, by its name.
func (c Call) IsWrite() bool {
	for _, read := range []string{"Describe", "Get", "List", "Head", "HEAD ", "GET ", "Decrypt", "Encrypt", "GenerateDataKey", "AssumeRole"} {
		if strings.HasPrefix(c.Operation, read) {
			return false
		}
	}
	return true
}

// answer is what a call gets instead of moto's.
type answer struct {
	call   string
	status int
	body   string
	once   bool
}

// NewAccount makes an account. The first call that has no answer of its own starts moto_server, which ends with the test's executable.
func NewAccount(t testing.TB) *Account {
	t.Helper()
	a := &Account{ID: fmt.Sprintf("%012d", 100000000000+accounts.Add(1)), policies: map[string][]byte{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		address, _ := server() // which runs, see below
		r.SetURL(&url.URL{Scheme: "http", Host: address})
		r.Out.Header.Set("X-Moto-Account-Id", a.ID)
	}}
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if a.answered(w, r, identify(r, body), body) {
			return
		}
		if _, err := server(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			t.Error(err)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(endpoint.Close)
	a.URL = endpoint.URL
	return a
}

// server runs moto_server, under a shell that ends it when the test's executable is gone, however that ended. It returns its address.
var server = sync.OnceValues(func() (address string, err error) {
	if _, err := exec.LookPath("moto_server"); err != nil {
		return "", errors.New("moto_server is missing: pip install --requirement docker/app/tests/requirements.txt")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	cmd := exec.Command("sh", "-c", `moto_server -H 127.0.0.1 -p "$0" >/dev/null 2>&1 & read -r _; kill $!`, port)
	life, err := cmd.StdinPipe() // which the end of this process closes
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	go func() { _, _ = cmd.Wait(), life.Close() }()
	for deadline := time.Now().Add(time.Minute); ; {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return address, conn.Close()
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("moto_server does not listen: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
})

// Answer has a call get this answer instead of moto's: such as "ecs DescribeServices", or those with a text in their bodies, "ecs DescribeServices with web".
func (a *Account) Answer(call string, status int, body string) {
	a.add(answer{call, status, body, false})
}

// AnswerOnce is Answer for one call; several count one after the other.
func (a *Account) AnswerOnce(call string, status int, body string) {
	a.add(answer{call, status, body, true})
}

func (a *Account) add(given answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers = append(a.answers, given)
}

// Environ is the environment of a command that is to reach this account alone.
func (a *Account) Environ() []string {
	return []string{"AWS_ENDPOINT_URL=" + a.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null"}
}

// TakeCalls returns the calls since it was called last.
func (a *Account) TakeCalls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	calls := a.calls
	a.calls = nil
	return calls
}

// answered notes a call down, and answers it when it is not for moto.
func (a *Account) answered(w http.ResponseWriter, r *http.Request, call Call, body []byte) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, call)
	for i, given := range a.answers {
		if name, within, _ := strings.Cut(given.call, " with "); name != call.String() || !strings.Contains(call.Body, within) {
			continue
		}
		if given.once {
			a.answers = append(a.answers[:i:i], a.answers[i+1:]...)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(given.status)
		if r.Method != http.MethodHead {
			_, _ = io.WriteString(w, given.body)
		}
		return true
	}
	// moto does not look at conditions, so that a policy which demands TLS would refuse everything.
	if call.Service == "s3" && r.URL.Query().Has("policy") {
		a.policy(w, r, body)
		return true
	}
	return false
}

func (a *Account) policy(w http.ResponseWriter, r *http.Request, body []byte) {
	switch {
	case r.Method == http.MethodPut:
		a.policies[r.URL.Path] = body
		w.WriteHeader(http.StatusNoContent)
	case a.policies[r.URL.Path] == nil:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "<Error><Code>NoSuchBucketPolicy</Code><Message>The bucket policy does not exist</Message></Error>")
	default:
		_, _ = w.Write(a.policies[r.URL.Path])
	}
}

// identify tells which call of AWS a request is: by its target in the JSON protocols, by Action in the query protocol, and else by method and path.
func identify(r *http.Request, body []byte) Call {
	service := ""
	if _, scope, found := strings.Cut(r.Header.Get("Authorization"), "Credential="); found {
		if parts := strings.Split(scope, "/"); len(parts) > 3 {
			service = parts[3]
		}
	}
	call := Call{Service: service, Body: string(body)}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		call.Operation = target[strings.LastIndex(target, ".")+1:]
		return call
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		call.Operation = form.Get("Action")
		return call
	}
	call.Operation = r.Method + " " + r.URL.Path
	for _, sub := range []string{"policy", "versioning", "encryption", "lifecycle", "tagging", "publicAccessBlock", "ownershipControls"} {
		if r.URL.Query().Has(sub) {
			call.Operation += "?" + sub
		}
	}
	return call
}
