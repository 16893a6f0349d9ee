package localaws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// FaultsVariable names the environment variable that makes calls fail on purpose, so that recovery can be tried:
//
//	SLIPWAY_FAULTS=CreateDBCluster:InsufficientDBInstanceCapacity,UpdateService:RolledBack
//	SLIPWAY_FAULTS='aws:ecs/service:Service create 1 ThrottlingException'
//	SLIPWAY_FAULTS='aws:ecs/service:Service::web-service create 1 TimedOut'
//
// In the short form a call is a verb (Create, Update or Delete) and AWS's noun, and every such call fails. In the long one it is
// a resource's type, with its logical name or without it, then what is done with it, and which such call fails: the first, the
// second and so on of one run. The code is AWS's, or one of these, after which AWS has done what it was asked for:
//
//   - TimedOut: the answer is lost, so the engine does not know what there is.
//   - NotReady: the provider has waited for as long as it does. The engine knows what there is, and that it is unfinished.
//   - NoAnswer: nothing is ever said, so that the engine can be killed meanwhile.
//   - RolledBack, for updates of services: reported as done, and the old task definition runs, as after ECS's circuit breaker.
//
// A throttled call of AWS's own is one that the provider has repeated for as many times as it does (25), in vain.
const FaultsVariable = "SLIPWAY_FAULTS"

// The faults after which AWS has done what it was asked for.
const (
	TimedOut   = "TimedOut"
	NotReady   = "NotReady"
	noAnswer   = "NoAnswer"
	rolledBack = "RolledBack"
)

// fault is one failure that was asked for.
type fault struct {
	// call is AWS's name of it, such as CreateDBCluster. Empty where the type says which calls are meant.
	call string
	// typ and name are a type token and a logical name; an empty name is any.
	typ, name string
	operation Operation
	// nth is which of the calls fails, from 1; 0 is every one.
	nth  int
	code string
	seen int
}

// faults are the failures of one run. Nil has none.
type faults struct {
	mu   sync.Mutex
	list []*fault
}

func parseFaults(spec string) (*faults, error) {
	f := &faults{}
	for _, entry := range strings.Split(spec, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		parse := parseShortFault
		if strings.ContainsAny(entry, " \t") {
			parse = parseLongFault
		}
		parsed, ok := parse(entry)
		if !ok {
			return nil, fmt.Errorf("got %q, takes CALL:CODE such as CreateDBCluster:InsufficientDBInstanceCapacity, where CALL starts with Create, Update or Delete, "+
				"or TYPE[::NAME] OPERATION NUMBER CODE such as 'aws:ecs/service:Service create 1 ThrottlingException', where TYPE is one that the embedded AWS knows, OPERATION is create, update or delete, "+
				"and NUMBER is from 1; separate several by commas", entry)
		}
		f.list = append(f.list, parsed)
	}
	return f, nil
}

// CheckFaults returns what is wrong with faults in the form of FaultsVariable, before anything is served.
func CheckFaults(spec string) error {
	_, err := parseFaults(spec)
	return err
}

func parseShortFault(entry string) (*fault, bool) {
	call, code, ok := strings.Cut(entry, ":")
	known := slices.ContainsFunc([]string{"Create", "Update", "Delete"}, func(verb string) bool { return strings.HasPrefix(call, verb) })
	return &fault{call: call, code: code}, ok && known && code != ""
}

func parseLongFault(entry string) (*fault, bool) {
	words := strings.Fields(entry)
	if len(words) != 4 {
		return nil, false
	}
	typ, name, named := strings.Cut(words[0], "::")
	nth, err := strconv.Atoi(words[2])
	f := &fault{typ: typ, name: name, operation: Operation(words[1]), nth: nth, code: words[3]}
	known := catalogue[typ] != nil && slices.Contains([]Operation{Create, Update, Delete}, f.operation)
	return f, known && err == nil && nth >= 1 && named == (name != "")
}

// take counts a call, and returns what it is answered with: an error code, or one of the special faults; "" for nothing
// that was asked for.
func (f *faults) take(operation Operation, k *kind, urn resource.URN) (code string) {
	if f == nil {
		return ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range f.list {
		if !fault.matches(operation, k, urn) {
			continue
		}
		fault.seen++
		if code == "" && (fault.nth == 0 || fault.nth == fault.seen) {
			code = fault.code
		}
	}
	return code
}

func (f *fault) matches(operation Operation, k *kind, urn resource.URN) bool {
	if f.call != "" {
		return f.call == operation.verb()+k.noun
	}
	return f.operation == operation && f.typ == k.token && (f.name == "" || f.name == urn.Name())
}

// verb is how AWS's operations begin.
func (o Operation) verb() string { return strings.ToUpper(string(o[:1])) + string(o[1:]) }

// doing is how the provider's errors begin.
func (o Operation) doing() string { return strings.TrimSuffix(string(o), "e") + "ing" }

// refused is the refusal that was asked for, nil for none.
func (k *kind) refused(operation Operation, code string) error {
	switch code {
	case "", TimedOut, NotReady, noAnswer, rolledBack:
		return nil
	}
	return k.operation(operation.verb(), operation.doing(), refuse(code, "this failure was asked for"))
}
