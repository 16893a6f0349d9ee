// Package limits holds what AWS takes: ranges, pairs and lists that both the components and the stack configuration are
// checked against, each with its source. A function returns nil, or an error that completes "takes ...".
package limits

import (
	"errors"
	"slices"
)

// logRetentionDays is the list that CloudWatch Logs accepts (PutRetentionPolicy, retentionInDays).
var logRetentionDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// LogRetention checks a CloudWatch Logs retention in days.
func LogRetention(days int) error {
	if slices.Contains(logRetentionDays, days) {
		return nil
	}
	return errors.New("days from the list of CloudWatch Logs: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653")
}
