// Package tasklog reads what the containers of tasks log to CloudWatch: one task's stream, or all of several groups in the
// order of time, also while it comes.
package tasklog

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"slipway/internal/awsaccess"
)

// Stream is the log of one container of one task, from its beginning.
type Stream struct {
	Client      *cloudwatchlogs.Client
	Group, Name string

	next *string
}

// Next returns the messages that have come since it was called last. A stream that is not there yet has none.
func (s *Stream) Next(ctx context.Context) (messages []string, err error) {
	for {
		answer, err := s.Client.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: &s.Group, LogStreamName: &s.Name, StartFromHead: aws.Bool(true), NextToken: s.next,
		})
		var missing *types.ResourceNotFoundException
		if errors.As(err, &missing) {
			return messages, nil
		}
		if err != nil {
			return messages, awsaccess.Explain(err)
		}
		for _, event := range answer.Events {
			messages = append(messages, aws.ToString(event.Message))
		}
		// At the end of what is there, the token is the one that was asked with. A page before it can be empty.
		atEnd := s.next != nil && aws.ToString(answer.NextForwardToken) == *s.next
		if s.next = answer.NextForwardToken; atEnd || s.next == nil {
			return messages, nil
		}
	}
}
