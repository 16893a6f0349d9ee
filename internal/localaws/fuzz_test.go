package localaws

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzPolicy gives policies as somebody writes them. What is wrong with one is said the same each time, and what is right says whom
// and what it is about.
func FuzzPolicy(f *testing.F) {
	for _, seed := range []string{
		`{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::bucket/*"],"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`,
		`{"Statement":{"Effect":"Allow","Principal":{"Service":["ecs-tasks.amazonaws.com"]},"Action":"sts:AssumeRole"}}`,
		`{"Statement":{"Effect":"Deny","Principal":"*","NotAction":["s3:*"],"NotResource":"*"}}`,
		`{"Statement":[{"Effect":"allow","Action":"s3","Resource":"bucket","Condition":{"Equals":{},"Like":{},"Is":{}}}]}`,
		`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"x","Nobody":"y","Somebody":["z"]},"Action":1,"Resource":{}}]}`,
		`{"Statement":[]}`, `{"Statement":null}`, `null`, ``, `{"Statement":[null]} {}`,
	} {
		f.Add(seed)
	}
	uses := map[string]policyUse{"identity": identityPolicy, "trust": trustPolicy, "bucket": bucketPolicy, "key": keyPolicy, "repository": repositoryPolicy,
		"secret": secretPolicy, "queue": queuePolicy, "topic": topicPolicy}
	f.Fuzz(func(t *testing.T, document string) {
		for name, use := range uses {
			statements, problems := parsePolicy(document, use)
			if _, again := parsePolicy(document, use); !slices.Equal(problems, again) {
				t.Errorf("the same policy gets other problems: %q and %q", problems, again)
			}
			for _, problem := range problems {
				if strings.TrimSpace(problem) == "" || !utf8.ValidString(problem) {
					t.Errorf("the problem %q", problem)
				}
			}
			if len(problems) > 0 {
				continue
			}
			if !json.Valid([]byte(document)) || len(statements) == 0 {
				t.Errorf("%s: %q is taken, with %d statements", name, document, len(statements))
			}
			for _, s := range statements {
				if s.Effect != "Allow" && s.Effect != "Deny" || len(s.Actions)+len(s.NotActions) == 0 {
					t.Errorf("%s: the statement %+v is taken", name, s)
				}
				if use.resource == required && len(s.Resources)+len(s.NotResources) == 0 || use.principal == forbidden && len(s.Principals) > 0 {
					t.Errorf("%s: the statement %+v is taken", name, s)
				}
			}
		}
	})
}

func FuzzFaults(f *testing.F) {
	f.Add("CreateDBCluster:InsufficientDBInstanceCapacity,UpdateService:RolledBack")
	f.Add("DeleteVpc:NoAnswer, ,CreateBucket:a:b")
	f.Add("aws:ecs/service:Service create 1 ThrottlingException")
	f.Add("Create:x\n")
	f.Fuzz(func(t *testing.T, spec string) {
		_, err := parseFaults(spec)
		if err != nil && (!strings.Contains(err.Error(), "got ") || !strings.Contains(err.Error(), "takes ")) {
			t.Errorf("the refusal does not say what it got and takes: %v", err)
		}
		if err == nil && strings.Trim(spec, ", ") != "" && strings.TrimSpace(spec) != "" && !strings.ContainsAny(spec, ": ,") {
			t.Errorf("%q is taken, which names no call", spec)
		}
	})
}

// FuzzLatency holds that whatever is taken is a time that passes: neither none at all nor one that runs over.
func FuzzLatency(f *testing.F) {
	for _, seed := range []string{"", "1", "100", "0x1p-2", "1e-300", "1e300", "NaN", "-1", "1_000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		p, err := parsePace(spec)
		if err != nil {
			if !strings.Contains(err.Error(), "got ") || !strings.Contains(err.Error(), "takes ") {
				t.Errorf("the refusal does not say what it got and takes: %v", err)
			}
			return
		}
		if p.faster == 0 {
			if spec != "" {
				t.Errorf("%q is no pace and is taken", spec)
			}
			return
		}
		for typ := range latencies {
			for _, operation := range []Operation{Create, Update, Delete} {
				takes := p.duration(operation, typ, nil)
				if exact := TypicalDuration(operation, typ, nil).Seconds() / p.faster; takes <= 0 || math.Abs(takes.Seconds()-exact) > time.Microsecond.Seconds()+exact*1e-9 {
					t.Errorf("%q: %s %s takes %v", spec, operation, typ, takes)
				}
			}
		}
	})
}
