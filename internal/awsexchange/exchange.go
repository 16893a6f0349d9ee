// Package awsexchange answers for AWS in tests, from exchanges in files: what a real answer looks like in the shapes of AWS's
// API. It is for what moto_server lacks or does otherwise, and can hand on the rest to it.
package awsexchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/stretchr/testify/require"
)

// Exchange is a call and its answer, in the order of a file. When all answers of a call are used, the last one stays.
type Exchange struct {
	// Call is the operation, such as "DescribeTasks".
	Call string `json:"call"`
	// Status is HTTP's. Default: 200.
	Status int `json:"status"`
	// Answer is the body; XML instead of it where the service answers in that.
	Answer json.RawMessage `json:"answer"`
	XML    string          `json:"xml"`
	// After is a call that has to come before. Until then the answer before this one stays.
	After string `json:"after"`
}

// Server is AWS as it is in the files.
type Server struct {
	URL string

	mutex    sync.Mutex
	answers  map[string][]Exchange
	requests []Request
}

// Request is what was asked for.
type Request struct{ Call, Body string }

// Serve serves the exchanges of the files. Any other call goes to the endpoint rest; without one it fails the test.
func Serve(t testing.TB, rest string, files ...string) *Server {
	t.Helper()
	s := &Server{answers: map[string][]Exchange{}}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var exchanges []Exchange
		require.NoError(t, json.Unmarshal(text, &exchanges), file)
		for _, exchange := range exchanges {
			s.answers[exchange.Call] = append(s.answers[exchange.Call], exchange)
		}
	}
	handler := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("%s is in none of %s", operation(r, nil), strings.Join(files, ", "))
		w.WriteHeader(http.StatusBadRequest)
	}))
	if rest != "" {
		target, err := url.Parse(rest)
		require.NoError(t, err)
		proxy := httputil.NewSingleHostReverseProxy(target)
		proxy.ModifyResponse = sizesAsTexts
		handler = proxy
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		call := operation(r, body)
		exchange, found := s.next(Request{call, string(body)})
		if !found {
			r.Body = io.NopCloser(bytes.NewReader(body))
			handler.ServeHTTP(w, r)
			return
		}
		if err := exchange.write(w, r); err != nil {
			t.Errorf("the answer of %s: %v", call, err)
		}
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

var sizes = regexp.MustCompile(`"(cpu|memory)": ?(\d+)`)

// sizesAsTexts corrects moto, whose tasks have numbers where those of ECS have texts, which the SDK insists on.
func sizesAsTexts(answer *http.Response) error {
	call := operation(answer.Request, nil)
	if !slices.Contains([]string{"RunTask", "DescribeTasks", "StopTask"}, call) {
		return nil
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	body = sizes.ReplaceAll(body, []byte(`"$1": "$2"`))
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

// Config is the configuration of clients of this server, which wait for nothing before they try again.
func (s *Server) Config() aws.Config {
	return aws.Config{
		Region: "eu-central-1", BaseEndpoint: &s.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// Requests are those of a call so far.
func (s *Server) Requests(call string) (bodies []string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, request := range s.requests {
		if request.Call == call {
			bodies = append(bodies, request.Body)
		}
	}
	return bodies
}

func (s *Server) next(request Request) (Exchange, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	left := s.answers[request.Call]
	again := slices.ContainsFunc(s.requests, func(r Request) bool { return r.Call == request.Call })
	s.requests = append(s.requests, request)
	if again && len(left) > 1 && s.mayFollow(left[1]) {
		left = left[1:]
		s.answers[request.Call] = left
	}
	if len(left) == 0 {
		return Exchange{}, false
	}
	return left[0], true
}

func (s *Server) mayFollow(e Exchange) bool {
	return e.After == "" || slices.ContainsFunc(s.requests, func(r Request) bool { return r.Call == e.After })
}

// operation is by the target in the JSON protocols, the path in CBOR's, and Action in the query protocol.
func operation(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:]
	}
	if _, name, found := strings.Cut(r.URL.Path, "/operation/"); found {
		return name
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("Action") == "" {
		return r.Method + " " + r.URL.Path
	}
	return form.Get("Action")
}

func (e Exchange) write(w http.ResponseWriter, r *http.Request) error {
	body, contentType := []byte(e.Answer), "application/x-amz-json-1.1"
	switch {
	case e.XML != "":
		body, contentType = []byte(e.XML), "text/xml"
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		var value any
		decoder := json.NewDecoder(bytes.NewReader(e.Answer))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		body, contentType = cbor.Encode(inCBOR(value)), "application/cbor"
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	}
	w.Header().Set("Content-Type", contentType)
	if e.Status != 0 {
		w.WriteHeader(e.Status)
	}
	_, err := w.Write(body)
	return err
}

// inCBOR is a value of JSON; 1 is an integer there, 1.0 a number.
func inCBOR(value any) cbor.Value {
	switch value := value.(type) {
	case map[string]any:
		encoded := cbor.Map{}
		for key, v := range value {
			encoded[key] = inCBOR(v)
		}
		return encoded
	case []any:
		encoded := cbor.List{}
		for _, v := range value {
			encoded = append(encoded, inCBOR(v))
		}
		return encoded
	case string:
		return cbor.String(value)
	case bool:
		return cbor.Bool(value)
	case json.Number:
		if n, err := value.Int64(); err == nil && n >= 0 {
			return cbor.Uint(n)
		}
		if f, err := value.Float64(); err == nil {
			return cbor.Float64(f)
		}
	}
	panic(fmt.Sprintf("%v (%T) has no place in an exchange", value, value))
}
