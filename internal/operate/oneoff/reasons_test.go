package oneoff

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
)

func TestInWords(t *testing.T) {
	t.Parallel()
	for said, means := range map[string]string{
		"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:1: 123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:1: not found":                                                                    "its image is not in the repository any more",
		"CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: i/o timeout":                                                                                                                                                      "its image could not be pulled",
		"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed. unable to get registry auth from ecr: i/o timeout":                     "ECS could not sign in to ECR",
		"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key password":                                    "a secret lacks the key",
		"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:x from secrets manager: ResourceNotFoundException: not found": "a secret of it could not be read",
		"ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException":                                                                                                                             "ECS could not open its log",
		"Timeout waiting for network interface provisioning to complete.":                                                                                                      "AWS could not give it a network interface in time",
		"Capacity is unavailable at this time. Please try again later or in a different availability zone":                                                                     "AWS has no room for it on Fargate",
		"You've reached the limit on the number of vCPUs you can run concurrently":                                                                                             "the account may not run more on Fargate",
		"CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: exec: \"mange.py\": executable file not found in $PATH: unknown": "the image has no such command",
		"OutOfMemoryError: Container killed due to memory usage":                                                                                                               "it took more memory than it has",
		"Your Spot Task was interrupted.": "AWS took the Spot capacity back",
	} {
		words := inWords(said)
		assert.Contains(t, words, means)
		assert.Contains(t, words, "(ECS says: ")
		assert.NotContains(t, words, "..")
	}
	assert.Equal(t, "something new happened", inWords("something\n new happened."))
}

func TestResults(t *testing.T) {
	t.Parallel()
	container := func(name string, code *int32, reason string) types.Container {
		return types.Container{Name: aws.String(name), ExitCode: code, Reason: aws.String(reason)}
	}
	for name, test := range map[string]struct {
		task     types.Task
		wantCode int
		wantErr  string
		wantSaid string
	}{
		"well":          {task: types.Task{Containers: []types.Container{container("web", new(int32(0)), "")}}, wantSaid: "slipway: done\n"},
		"out of memory": {task: types.Task{Containers: []types.Container{container("web", new(int32(137)), "OutOfMemoryError: Container killed due to memory usage")}}, wantCode: 137, wantSaid: "slipway: the command was cut short, exit code 137: it took more memory than it has; give it more with --memory (ECS says: OutOfMemoryError: Container killed due to memory usage)\n"},
		"in good order, and not by itself": {task: types.Task{StopCode: types.TaskStopCodeSpotInterruption, StoppedReason: aws.String("Your Spot Task was interrupted."),
			Containers: []types.Container{container("web", new(int32(0)), "")}}, wantCode: 1, wantSaid: "slipway: the command was cut short, exit code 0: AWS took the Spot capacity back that it ran on; run it again (ECS says: Your Spot Task was interrupted)\n"},
		"no such command": {task: types.Task{Containers: []types.Container{container("web", nil, `CannotStartContainerError: exec: "x": executable file not found in $PATH`)}}, wantCode: 1, wantErr: "the command did not run: the image has no such command"},
		"nothing said":    {task: types.Task{StopCode: types.TaskStopCodeTaskFailedToStart}, wantCode: 1, wantErr: `the command did not run: ECS did not say why (stop code "TaskFailedToStart")`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var said string
			r := &Runner{Stderr: writer(func(text string) { said += text })}
			code, err := r.result(test.task, "web", false)
			assert.Equal(t, test.wantCode, code)
			assert.Equal(t, test.wantSaid, said)
			if test.wantErr == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.wantErr)
			}
		})
	}
}
