package stacks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

// fakeAWS is AWS with a pulumi that keeps a state and does nothing else. The real one is run by the end-to-end tests.
type fakeAWS struct {
	state string
	// fails are commands that fail once, by their first word, with what pulumi says.
	fails map[string]string
	calls []string
	said  bytes.Buffer
}

func (f *fakeAWS) Pulumi(ctx context.Context, heard io.Writer, args ...string) error {
	_, err := f.Output(ctx, heard, args...)
	return err
}

func (f *fakeAWS) Output(_ context.Context, heard io.Writer, args ...string) ([]byte, error) {
	f.calls = append(f.calls, strings.Join(args[:min(2, len(args))], " "))
	if says, ok := f.fails[args[0]]; ok {
		delete(f.fails, args[0])
		_, err := io.WriteString(heard, says)
		return nil, errors.Join(&localrun.ExitError{Code: 255}, err)
	}
	switch f.calls[len(f.calls)-1] {
	case "stack export":
		return []byte(f.state), nil
	case "stack import":
		file, err := os.ReadFile(args[len(args)-1])
		f.state = string(file)
		return nil, err
	}
	return nil, nil
}

func (f *fakeAWS) Account() (*localaws.Account, error) { return nil, nil }

func (f *fakeAWS) recover(t *testing.T, known Known) error {
	t.Helper()
	return (&Stacks{Place: f, Stderr: &f.said}).Recover(t.Context(), "staging", known)
}

// pending and resources are what the state has, in short.
func (f *fakeAWS) pending(t *testing.T) (list []string) {
	t.Helper()
	for _, op := range f.parsed(t).PendingOperations {
		list = append(list, op.Type+" "+logicalName(op.Resource.URN))
	}
	return list
}

func (f *fakeAWS) resources(t *testing.T) (list []string) {
	t.Helper()
	for _, r := range f.parsed(t).Resources {
		list = append(list, logicalName(r.URN)+" "+r.ID)
	}
	return list
}

func (f *fakeAWS) parsed(t *testing.T) (state State) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(f.state), &struct{ Deployment *State }{&state}))
	return state
}

const (
	vpc   = `"urn": "urn:pulumi:staging::shop::slipway:aws:Vpc$aws:ec2/vpc:Vpc::network", "type": "aws:ec2/vpc:Vpc", "custom": true, "inputs": {"cidrBlock": "10.0.0.0/16"}`
	queue = `"urn": "urn:pulumi:staging::shop::aws:sqs/queue:Queue::jobs", "type": "aws:sqs/queue:Queue", "custom": true, "inputs": {"name": "jobs-1a2b3c4"}`
	role  = `"urn": "urn:pulumi:staging::shop::aws:iam/role:Role::web", "type": "aws:iam/role:Role", "custom": true, "inputs": {"name": "web-1a2b3c4"}`
)

// died is AWS after a run that was cut off: it was creating a VPC and a queue, and changing a role.
func died() *fakeAWS {
	return &fakeAWS{fails: map[string]string{}, state: fmt.Sprintf(`{"version": 3, "deployment": {"resources": [{%s, "id": "web-1a2b3c4"}],
		"pending_operations": [{"type": "creating", "resource": {%s}}, {"type": "creating", "resource": {%s}}, {"type": "updating", "resource": {%s}}]}}`, role, vpc, queue, role)}
}

func TestRecoverOnAWS(t *testing.T) {
	t.Parallel()
	f := died()
	err := f.recover(t, Known{})
	require.EqualError(t, err, `a run of staging was cut off while AWS was making these, and did not see whether it has:
  aws:ec2/vpc:Vpc network (cidrBlock 10.0.0.0/16): aws ec2 describe-vpcs --filters Name=cidr,Values=10.0.0.0/16
  aws:sqs/queue:Queue jobs (name jobs-1a2b3c4): aws sqs get-queue-url --queue-name jobs-1a2b3c4
Look for each. Nothing is imported or forgotten before all are known. Then, with the IDs of what is there, and --forget-rest in the place of what is not, run
  slipway recover staging --import 'aws:ec2/vpc:Vpc::network=ID' --import 'aws:sqs/queue:Queue::jobs=ID'`)
	known := Known{Made: map[string]string{"aws:ec2/vpc:Vpc::network": "vpc-1"}}
	err = f.recover(t, known)
	require.ErrorContains(t, err, "making these, and did not see whether it has:\n  aws:sqs/queue:Queue jobs ")
	require.ErrorContains(t, err, "run\n  slipway recover staging --import 'aws:ec2/vpc:Vpc::network=vpc-1' --import 'aws:sqs/queue:Queue::jobs=ID'")
	assert.NotContains(t, f.calls, "stack import", "of which Pulumi would forget the queue")

	known.RestMissing = true
	require.NoError(t, f.recover(t, known))
	assert.Contains(t, f.said.String(), "imported:\n  aws:ec2/vpc:Vpc network (vpc-1)\n")
	assert.Equal(t, []string{"web web-1a2b3c4", "network vpc-1"}, f.resources(t))
	assert.Empty(t, f.pending(t))

	f.calls = nil
	require.NoError(t, f.recover(t, Known{}), "nothing is to be recovered")
	assert.Equal(t, []string{"refresh -s", "stack export"}, f.calls)
}

// TestRecoverKeepsWhatTheStateHas: after the run that died another one has made the queue, and it may be in use.
func TestRecoverKeepsWhatTheStateHas(t *testing.T) {
	t.Parallel()
	f := &fakeAWS{state: fmt.Sprintf(`{"deployment": {"resources": [{%s, "id": "https://sqs/jobs-5d6e7f8"}], "pending_operations": [{"type": "creating", "resource": {%s}}]}}`, queue, queue)}
	err := f.recover(t, Known{})
	require.ErrorContains(t, err, "--queue-name jobs-1a2b3c4; not https://sqs/jobs-5d6e7f8\n")
	require.ErrorContains(t, err, "Where another one is named, that one is kept: delete what else is there.")
	require.ErrorContains(t, err, "\n  slipway recover staging --forget-rest")

	var usage *localrun.UsageError
	require.ErrorAs(t, f.recover(t, Known{Made: map[string]string{"aws:sqs/queue:Queue::jobs": "https://sqs/jobs-1a2b3c4"}}), &usage)
	assert.Equal(t, []string{"jobs https://sqs/jobs-5d6e7f8"}, f.resources(t))

	require.NoError(t, f.recover(t, Known{RestMissing: true}))
	assert.Equal(t, []string{"jobs https://sqs/jobs-5d6e7f8"}, f.resources(t))
	assert.Empty(t, f.pending(t))
}

// TestWhatHasTheSameNameIsTheSame: another update has put the settings that the one that died had put already.
func TestWhatHasTheSameNameIsTheSame(t *testing.T) {
	t.Parallel()
	const settings = `"urn": "urn:pulumi:staging::shop::aws:s3/bucketPolicy:BucketPolicy::files", "type": "aws:s3/bucketPolicy:BucketPolicy", "custom": true, "inputs": {"bucket": "files-1a2b3c4"}`
	f := &fakeAWS{state: fmt.Sprintf(`{"deployment": {"resources": [{%s, "id": "files-1a2b3c4"}], "pending_operations": [{"type": "creating", "resource": {%s}}]}}`, settings, settings)}
	require.NoError(t, f.recover(t, Known{}))
	assert.Equal(t, []string{"files files-1a2b3c4"}, f.resources(t))
	assert.Empty(t, f.pending(t))
}

func TestRecoverRefusesWhatWasNotCutOff(t *testing.T) {
	t.Parallel()
	f := died()
	err := f.recover(t, Known{Made: map[string]string{"aws:iam/role:Role::web": "web"}})
	require.EqualError(t, err, "--import aws:iam/role:Role::web=web: what can be imported is aws:ec2/vpc:Vpc::network, aws:sqs/queue:Queue::jobs")
	assert.NotContains(t, f.calls, "stack import")
}

// TestRecoverSaysWhyPulumiFails, and changes nothing then.
func TestRecoverSaysWhyPulumiFails(t *testing.T) {
	t.Parallel()
	f := died()
	f.fails["refresh"] = "error: no credentials\n"
	var exit *localrun.ExitError
	require.ErrorAs(t, f.recover(t, Known{}), &exit)
	assert.Equal(t, "error: no credentials\n", f.said.String())
	assert.Equal(t, []string{"refresh -s"}, f.calls)
}

// TestCompletedKeepsTheRest: this package does not know all of Pulumi's state, and nothing of it is to be lost.
func TestCompletedKeepsTheRest(t *testing.T) {
	t.Parallel()
	edited, err := completed([]byte(`{"version": 3, "features": ["x"], "deployment": {
		"manifest": {"time": "2026-11-21T10:00:00Z", "magic": "12345678901234567890"}, "metadata": {"large": 12345678901234567890},
		"resources": [{"urn": "a"}, {"urn": "b", "delete": true, "id": "b-0"}, {"urn": "b", "pendingReplacement": true, "id": "b-1"}, {"urn": "c", "dependencies": ["b"]}],
		"pending_operations": [
			{"type": "creating", "resource": {"urn": "b", "custom": true, "inputs": {"__defaults": [], "n": 12345678901234567890}, "dependencies": ["a"]}},
			{"type": "creating", "resource": {"urn": "b", "custom": true, "inputs": {"n": 1}}},
			{"type": "deleting", "resource": {"urn": "c"}}]}}`), map[string]string{"b": "b-2"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"version": 3, "features": ["x"], "deployment": {
		"manifest": {"time": "2026-11-21T10:00:00Z", "magic": "12345678901234567890"}, "metadata": {"large": 12345678901234567890},
		"resources": [{"urn": "a"},
			{"urn": "b", "custom": true, "id": "b-2", "inputs": {"__defaults": [], "n": 12345678901234567890}, "outputs": {"n": 12345678901234567890}, "dependencies": ["a"]},
			{"urn": "b", "delete": true, "id": "b-0"}, {"urn": "c", "dependencies": ["b"]}]}}`, string(edited))
	assert.Contains(t, string(edited), `"large": 12345678901234567890`, "as it was written")
}
