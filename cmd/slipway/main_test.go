package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
	"slipway/internal/netreach"
)

// slipway runs a command in an empty project.
func slipway(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: shop\nruntime: go\n"), 0o644))
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "PROJECT", dir)
	}
	var out, errs bytes.Buffer
	code = execute(t.Context(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args       []string
		code       int
		wantStdout string // contained; "" for nothing at all
		wantStderr string
	}{
		{args: nil, wantStdout: "Exit codes:"},
		{args: []string{"local"}, wantStdout: "slipway local [command]"},
		{args: []string{"version"}, wantStdout: "go1."},
		{args: []string{"completion", "bash"}, wantStdout: "bash completion"},
		{args: []string{"version", "x"}, code: 2, wantStderr: "unknown command"},
		{args: []string{"deploy"}, code: 2, wantStderr: `slipway has no command "deploy"; see slipway --help`},
		{args: []string{"local", "gcp"}, code: 2, wantStderr: `slipway local has no command "gcp"`},
		{args: []string{"local", "aws", "ls", "--yaml"}, code: 2, wantStderr: "unknown flag: --yaml"},
		{args: []string{"local", "aws", "show"}, code: 2, wantStderr: "usage: slipway local aws show ID"},
		{args: []string{"local", "aws", "rm", "a", "b"}, code: 2, wantStderr: "usage: slipway local aws rm ID"},
		{args: []string{"local", "aws", "ls", "-C", "/"}, code: 1, wantStderr: "no Pulumi.yaml in / or above it"},
		{args: []string{"local", "aws", "ls", "-C", "PROJECT"}, wantStderr: "nothing exists"},
		{args: []string{"local", "aws", "ls", "-C", "PROJECT", "--json"}, wantStdout: "[]\n"},
		{args: []string{"local", "aws", "show", "-C", "PROJECT", "vpc-1"}, code: 1, wantStderr: `"vpc-1"`},
		{args: []string{"local", "aws", "rm", "-C", "PROJECT", "vpc-1"}, code: 1, wantStderr: `"vpc-1"`},
		{args: []string{"local", "aws", "can", "a", "sqs:SendMessage"}, code: 2, wantStderr: "usage: slipway local aws can PRINCIPAL ACTION RESOURCE"},
		{args: []string{"local", "aws", "can", "-C", "PROJECT", "a", "sqs:SendMessage", "*"}, code: 1, wantStderr: `no role "a" exists`},
		{args: []string{"local", "aws", "can", "-C", "PROJECT", "sns.amazonaws.com", "sqs:Send*", "*"}, code: 1, wantStderr: `the action "sqs:Send*" is none`},
		{args: []string{"local", "aws", "can", "-C", "PROJECT", "sns.amazonaws.com", "sqs:SendMessage", "*"}, code: 1, wantStdout: "denied: no statement allows it\n"},
		{args: []string{"local", "aws", "can", "a", "b:C", "*", "--context", "x"}, code: 2, wantStderr: `--context takes a key and a value such as aws:SourceAccount=123456789012, got "x"`},
		{args: []string{"local", "aws", "reach", "world", "web"}, code: 2, wantStderr: "usage: slipway local aws reach FROM TO PORT"},
		{args: []string{"local", "aws", "reach", "world", "web", "https"}, code: 2, wantStderr: `the port is a number, got "https"`},
		{args: []string{"local", "aws", "reach", "-C", "PROJECT", "world", "web", "443"}, code: 1, wantStderr: `nothing called "web" has an address in a network`},
		{args: []string{"local", "serve"}, code: 2, wantStderr: "usage: slipway local serve STACK"},
		{args: []string{"local", "serve", "-C", "/", "staging"}, code: 1, wantStderr: "no Pulumi.yaml in / or above it"},
		{args: []string{"local", "serve", "-C", "PROJECT", "staging"}, code: 1, wantStderr: "the stack staging has no service on the embedded AWS; deploy it first: make up STACK=staging"},
		{args: []string{"local", "serve", "staging", "--with", "podman"}, code: 2, wantStderr: `--with "podman": it takes auto, docker or processes`},
		{args: []string{"local", "serve", "staging", "--scale", "web"}, code: 2, wantStderr: "--scale web: it takes NAME=VALUE"},
		{args: []string{"local", "serve", "staging", "--scale", "web=two"}, code: 2, wantStderr: "--scale web=two: it takes SERVICE=NUMBER"},
		{args: []string{"local", "serve", "staging", "--port", "70000"}, code: 2, wantStderr: "--port 70000: it takes a port from 1 to 65534"},
		{args: []string{"local", "serve", "staging", "--build-arg", "=x"}, code: 2, wantStderr: "--build-arg =x: it takes NAME=VALUE"},
		{args: []string{"local", "run", "staging"}, code: 2, wantStderr: "usage: slipway local run STACK [--service SERVICE] -- COMMAND"},
		{args: []string{"local", "run", "staging", "ls", "-l"}, code: 2, wantStderr: "unknown shorthand flag"},
		{args: []string{"local", "run", "staging", "ls"}, code: 2, wantStderr: "the command stands behind --"},
		{args: []string{"local", "run", "staging", "--env", "A", "--", "ls"}, code: 2, wantStderr: "--env A: it takes NAME=VALUE"},
		{args: []string{"local", "run", "-C", "PROJECT", "staging", "--", "ls"}, code: 1, wantStderr: "the stack staging has no service on the embedded AWS"},
		{args: []string{"local", "compare", "--json", "--markdown"}, code: 2, wantStderr: "takes one of them"},
		{args: []string{"local", "compare", "main"}, code: 2, wantStderr: "usage: slipway local compare"},
		{args: []string{"local", "compare", "-C", "/"}, code: 1, wantStderr: "no Pulumi.yaml in / or above it"},
		{args: []string{"local", "compare", "-C", "PROJECT"}, code: 1, wantStderr: "a comparison needs a git repository"},
		{args: []string{"local", "compare", "--from", "PROJECT/none"}, code: 1, wantStderr: "--from: open"},
		{args: []string{"local", "compare", "--from", "PROJECT/Pulumi.yaml"}, code: 1, wantStderr: "not a report of a comparison"},
		{args: []string{"local", "pulumi", "-C", "/", "up", "-s", "x"}, code: 1, wantStderr: "no Pulumi.yaml in / or above it"},
		{args: []string{"security"}, code: 1, wantStderr: "standard input: the state is empty; give what `pulumi stack export"},
		{args: []string{"security", "--state", "PROJECT/none.json"}, code: 1, wantStderr: "none.json: no such file"},
		{args: []string{"security", "--state", "PROJECT/Pulumi.yaml"}, code: 1, wantStderr: "Pulumi.yaml: the state is not JSON that Pulumi writes"},
		{args: []string{"security", "--state", "a", "--state", "b"}, code: 2, wantStderr: "--state was given 2 times, takes one file"},
		{args: []string{"cost", "--state", "a", "--state", "b"}, code: 2, wantStderr: "slipway cost: --state was given 2 times"},
		{args: []string{"security", "a.json"}, code: 2, wantStderr: "usage: slipway security [--state FILE]"},
		{args: []string{"security", "--json", "--markdown"}, code: 2, wantStderr: "--json or --markdown, not both"},
		{args: []string{"env"}, wantStdout: "slipway env [command]"},
		{args: []string{"local", "env", "--help"}, wantStdout: "test environments on the embedded AWS"},
		{args: []string{"env", "ls", "-C", "/"}, code: 1, wantStderr: "no Pulumi.yaml in / or above it"},
		{args: []string{"env", "up", "-C", "PROJECT"}, code: 2, wantStderr: "usage: slipway env up NAME"},
		{args: []string{"env", "up", "pr-1", "-C", "PROJECT"}, code: 2, wantStderr: "slipway env up: without a terminal nobody can be asked; give --yes"},
		{args: []string{"local", "env", "down", "pr-1", "-C", "PROJECT"}, code: 2, wantStderr: "slipway local env down: without a terminal"},
		{args: []string{"env", "down", "PR", "--yes", "-C", "PROJECT"}, code: 2, wantStderr: `the name "PR"; it takes lower-case letters`},
		{args: []string{"plan"}, wantStdout: "slipway plan [command]"},
		{args: []string{"plan", "summary"}, code: 2, wantStderr: "usage: slipway plan summary STACK"},
		{args: []string{"plan", "summary", "prod", "--preview", "PROJECT/none"}, code: 1, wantStderr: "slipway plan summary: open"},
		{args: []string{"plan", "summary", "prod", "--preview", "PROJECT/Pulumi.yaml"}, code: 1, wantStderr: "this is not what pulumi preview --json prints"},
		{args: []string{"plan", "check", "prod", "PROJECT"}, code: 1, wantStderr: "there is no plan in it"},
		{args: []string{"release", "list"}, code: 2, wantStderr: "usage: slipway release list STACK"},
		{args: []string{"release", "list", "prod", "-C", "/"}, code: 1, wantStderr: "no Pulumi.yaml in / or above it"},
		{args: []string{"release", "rollback", "prod", "-C", "PROJECT"}, code: 2, wantStderr: "slipway release rollback: without a terminal nobody can be asked"},
		{args: []string{"local", "release", "rollback", "prod", "-C", "PROJECT"}, code: 2, wantStderr: "slipway local release rollback: without a terminal"},
		{args: []string{"smoke"}, code: 2, wantStderr: "usage: slipway smoke STACK"},
		{args: []string{"image", "digest", "app"}, code: 1, wantStderr: "is not REPOSITORY:TAG"},
		{args: []string{"image", "source", "PROJECT", "--build-arg", "A"}, code: 2, wantStderr: "--build-arg A: it takes NAME=VALUE"},
		{args: []string{"image", "latest", "localhost:1/app", "--tags", "["}, code: 2, wantStderr: "--tags: "},
		{args: []string{"local", "pulumi", "login"}, code: 2, wantStderr: "pulumi login"},
		{args: []string{"local", "--latency", "10", "pulumi", "login"}, code: 2, wantStderr: "pulumi login"},
		{args: []string{"local", "--fail=CreateVpc:X", "--fail", "aws:ec2/vpc:Vpc create 1 X", "pulumi", "login"}, code: 2, wantStderr: "pulumi login"},
		{args: []string{"local", "--fail", "vpc", "pulumi", "up"}, code: 2, wantStderr: `--fail: got "vpc", takes CALL:CODE`},
		{args: []string{"local", "pulumi", "--fail"}, code: 2, wantStderr: "flag needs an argument: --fail"},
		{args: []string{"local", "--latency", "-1", "destroy", "-s", "x"}, code: 2, wantStderr: `"--latency" flag: got "-1", takes how many times faster`},
		{args: []string{"local", "--fail", "vpc", "env", "ls"}, code: 2, wantStderr: `"--fail" flag: got "vpc", takes CALL:CODE`},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := slipway(t, test.args...)
			assert.Equal(t, test.code, code, stderr)
			for got, want := range map[string]string{"stdout " + stdout: test.wantStdout, "stderr " + stderr: test.wantStderr} {
				if want == "" {
					assert.Contains(t, []string{"stdout ", "stderr "}, got, "nothing is written")
				} else {
					assert.Contains(t, got, want)
				}
			}
		})
	}
}

func TestWriteTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	objects := []localaws.Object{
		{Type: "aws:ec2/vpc:Vpc", ID: "vpc-1", Account: localaws.AccountID, URN: "urn:pulumi:staging::shop::slipway:index:Vpc$aws:ec2/vpc:Vpc::network"},
		{Type: "aws:s3/bucketV2:BucketV2", ID: "files", Account: localaws.AccountID},
	}
	require.NoError(t, writeTable(&out, objects))
	assert.Equal(t, ""+
		"TYPE                      STACK    NAME     ID\n"+
		"aws:ec2/vpc:Vpc           staging  network  vpc-1\n"+
		"aws:s3/bucketV2:BucketV2  -        -        files\n", out.String())
	out.Reset()
	objects[1].Account = "210987654321"
	require.NoError(t, writeTable(&out, objects))
	assert.Equal(t, ""+
		"ACCOUNT       TYPE                      STACK    NAME     ID\n"+
		"123456789012  aws:ec2/vpc:Vpc           staging  network  vpc-1\n"+
		"210987654321  aws:s3/bucketV2:BucketV2  -        -        files\n", out.String())
}

func TestWriteReach(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, writeReach(&out, netreach.Reach{
		{From: "subnet-1", To: "world", Verdict: netreach.Open, Why: "igw-1 leads out, sgr-1 of sg-1 lets it out"},
		{From: "subnet-2", To: "world", Verdict: netreach.Closed, Why: "no route leads to the internet"},
	}))
	assert.Equal(t, ""+
		"partly open\n"+
		"  open from subnet-1 to world: igw-1 leads out, sgr-1 of sg-1 lets it out\n"+
		"  closed from subnet-2 to world: no route leads to the internet\n", out.String())
}
