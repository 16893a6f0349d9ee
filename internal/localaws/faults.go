package localaws

import (
	"fmt"
	"strings"
)

// FaultsVariable names the environment variable that makes calls fail on purpose, so that recovery can be tried:
//
//	SLIPWAY_FAULTS=CreateDBCluster:InsufficientDBInstanceCapacity,UpdateService:RolledBack
//
// A call is a verb (Create, Update or Delete) and AWS's noun; the code is AWS's. RolledBack is special: the update is
// reported as done, as ECS does after its circuit breaker rolled a deployment back, and the old task definition runs.
const FaultsVariable = "SLIPWAY_FAULTS"

const rolledBack = "RolledBack"

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

func (f faults) code(call string) string { return f[call] }
