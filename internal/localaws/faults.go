package localaws

import (
	"context"
	"fmt"
	"strings"
)

// FaultsVariable names the environment variable that makes calls fail on purpose, so that recovery can be tried:
//
//	SLIPWAY_FAULTS=CreateDBCluster:InsufficientDBInstanceCapacity,UpdateService:RolledBack
//
// A call is a verb (Create, Update or Delete) and AWS's noun; the code is AWS's. RolledBack is special: the update is
// reported as done, as ECS does after its circuit breaker rolled a deployment back, and the old task definition runs.
// So is NoAnswer: AWS does what it was asked for, and the answer never comes, so that the engine can be killed meanwhile.
const FaultsVariable = "SLIPWAY_FAULTS"

const (
	rolledBack = "RolledBack"
	noAnswer   = "NoAnswer"
)

// faults are error codes by call.
type faults map[string]string

func parseFaults(spec string) (faults, error) {
	f := faults{}
	for _, entry := range strings.Split(spec, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		call, code, ok := strings.Cut(entry, ":")
		if !ok || code == "" || !strings.HasPrefix(call, "Create") && !strings.HasPrefix(call, "Update") && !strings.HasPrefix(call, "Delete") {
			return nil, fmt.Errorf("%s: got %q, takes CALL:CODE pairs separated by commas, such as CreateDBCluster:InsufficientDBInstanceCapacity; a CALL starts with Create, Update or Delete", FaultsVariable, entry)
		}
		f[call] = code
	}
	return f, nil
}

// code is the error code that a call is answered with, "" for none.
func (f faults) code(call string) string {
	if f[call] == noAnswer {
		return ""
	}
	return f[call]
}

// answer holds the answer to a call back until nobody waits for it any more, if that was asked for.
func (f faults) answer(ctx context.Context, call string, err error) error {
	if err == nil && f[call] == noAnswer {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}
