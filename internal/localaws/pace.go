package localaws

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// LatencyVariable names the environment variable that makes the embedded AWS as slow as AWS, or a number of times faster:
//
//	SLIPWAY_LATENCY=1      creations, updates and deletions take as long as in AWS; see TypicalDuration
//	SLIPWAY_LATENCY=100    a hundredth of that
//
// Without it everything is done at once.
const LatencyVariable = "SLIPWAY_LATENCY"

// pace is how slow the embedded AWS is. What is begun at the same time takes its time at the same time, as in AWS.
type pace struct {
	// faster is how many times faster than AWS; 0 is at once.
	faster float64

	stopping sync.Once
	stopped  chan struct{}
}

// A deployment that takes a thousand times as long as in AWS takes days, and one in a millionth of the time is done at once.
const (
	slowest = 0.001
	fastest = 1_000_000
)

func parsePace(spec string) (*pace, error) {
	p := &pace{stopped: make(chan struct{})}
	if spec == "" {
		return p, nil
	}
	faster, err := strconv.ParseFloat(spec, 64)
	if err != nil || !(faster >= slowest && faster <= fastest) { // not a number is neither
		return nil, fmt.Errorf("got %q, takes how many times faster than AWS: a number from %v to %d, such as 100, or 1 for AWS's own pace; leave it out and everything is done at once", spec, slowest, fastest)
	}
	p.faster = faster
	return p, nil
}

// CheckLatency returns what is wrong with a latency in the form of LatencyVariable, before anything is served.
func CheckLatency(spec string) error {
	_, err := parsePace(spec)
	return err
}

// wait takes as long as AWS does, at this pace. What was asked for is done by then, as in AWS, which carries on whoever waits: so when the
// engine cancels the wait ends at once, and nothing is lost.
func (p *pace) wait(ctx context.Context, operation Operation, typ string, inputs resource.PropertyMap) {
	if p.faster == 0 {
		return
	}
	timer := time.NewTimer(p.duration(operation, typ, inputs))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-p.stopped:
	}
}

func (p *pace) duration(operation Operation, typ string, inputs resource.PropertyMap) time.Duration {
	return time.Duration(float64(TypicalDuration(operation, typ, inputs)) / p.faster)
}

// stop ends all waits, and those to come.
func (p *pace) stop() { p.stopping.Do(func() { close(p.stopped) }) }
