package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bucketState is the state of a stack with one bucket that meets no control, and an update that did not end.
const bucketState = `{"version": 3, "deployment": {"pending_operations": [{"type": "creating"}], "resources": [
	{"urn": "urn:pulumi:prod::shop::aws:s3/bucketV2:BucketV2::files", "type": "aws:s3/bucketV2:BucketV2", "custom": true, "id": "files", "outputs": {"arn": "arn:aws:s3:::files"}}
]}}`

// reported runs a command with a state at its input.
func reported(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = execute(t.Context(), args, strings.NewReader(bucketState), &out, &errs)
	return code, out.String(), errs.String()
}

func TestSecurityFailsAGate(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := reported(t, "security")
	assert.Equal(t, 1, code)
	assert.Contains(t, stdout, "S3.12  aws:s3/bucketV2:BucketV2 files: objectOwnership: got nothing, takes BucketOwnerEnforced\n")
	assert.Contains(t, stderr, "prod does not meet 5 of ")
	assert.Contains(t, stderr, "an update of prod was interrupted")

	code, _, stderr = reported(t, "security", "--ephemeral")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "prod does not meet 4 of ", "environments that come and go may have no access logs")

	code, stdout, _ = reported(t, "security", "--json")
	assert.Equal(t, 1, code)
	var report struct {
		Stack    string
		Controls []struct {
			ID, Status string
			LookedAt   int
			Findings   []struct{ Resource, Property, Got, Takes string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	assert.Equal(t, "prod", report.Stack)
	for _, control := range report.Controls {
		if control.ID == "S3.12" {
			assert.Equal(t, []string{"not met", "objectOwnership"}, []string{control.Status, control.Findings[0].Property})
			assert.Equal(t, 1, control.LookedAt)
		}
	}

	code, stdout, _ = reported(t, "security", "--markdown")
	assert.Equal(t, 1, code)
	assert.Contains(t, stdout, "| S3.12 | Buckets know no access lists | not met |\n")
}

func TestAPersonAtATerminalIsToldWhatToGive(t *testing.T) {
	t.Parallel()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(t, err)
	defer terminal.Close()
	var out, errs bytes.Buffer
	assert.Equal(t, 2, execute(t.Context(), []string{"security"}, terminal, &out, &errs))
	assert.Contains(t, errs.String(), "give a state, as in pulumi stack export -s prod | slipway security")
}

func TestCost(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := reported(t, "cost")
	assert.Zero(t, code, stderr)
	assert.Contains(t, stdout, "paid by the GB that is stored or moved: s3 BucketV2\n")
	code, stdout, _ = reported(t, "cost", "--json")
	assert.Zero(t, code)
	assert.JSONEq(t, `{"stack": "prod", "region": "", "lines": [], "total": 0,
		"free": [{"reason": "paid by the GB that is stored or moved", "types": ["aws:s3/bucketV2:BucketV2"]}]}`, stdout)

	var out, errs bytes.Buffer
	unknown := strings.NewReader(strings.ReplaceAll(bucketState, "aws:s3/bucketV2:BucketV2", "aws:efs/fileSystem:FileSystem"))
	assert.Equal(t, 1, execute(t.Context(), []string{"cost"}, unknown, &out, &errs))
	assert.Contains(t, errs.String(), "slipway cost: no price is known for:\n  aws:efs/fileSystem:FileSystem files")
	assert.Empty(t, out.String())
}
