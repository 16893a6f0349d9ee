package testenv

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slipway/internal/localaws"
)

// settle clears away what a run that was cut off has left, where everything that exists is known. On AWS that cannot be
// told from the state alone; see pendingCreates.
func (e *Environments) settle(ctx context.Context, name string, before state) error {
	account, err := e.Place.Account()
	if err != nil || account == nil || len(before.PendingOperations) == 0 {
		return err
	}
	// The refresh takes the stack's lock, so no other run is about to note down what seems to be unrecorded. It forgets
	// the pending operations.
	if err := e.quietlyLocked(ctx, name, "refresh", "-s", name, "--yes", "--skip-preview", "--clear-pending-creates"); err != nil {
		return err
	}
	settled, err := e.state(ctx, name)
	if err != nil {
		return err
	}
	return e.removeUnrecorded(account, name, settled)
}

// removeUnrecorded removes what a run that was cut off has made and could not note down.
func (e *Environments) removeUnrecorded(account *localaws.Account, name string, s state) error {
	removed, err := account.RemoveUnrecorded(name, s.objects())
	if len(removed) > 0 {
		var list strings.Builder
		for _, o := range removed {
			fmt.Fprintf(&list, "\n  %s %s (%s)", o.Type, logicalName(o.URN), o.ID)
		}
		e.say("a run that was cut off had made what the state of %s does not know; removed:%s", name, list.String())
	}
	return err
}

// objects are the resources of a state as the embedded AWS names them.
func (s state) objects() map[localaws.Identity]bool {
	objects := map[localaws.Identity]bool{}
	for _, r := range s.Resources {
		objects[localaws.Identity{Type: r.Type, ID: r.ID}] = true
	}
	return objects
}

// pendingCreates are the resources whose creation was asked for by a run that did not live to see the answer, with the
// names that AWS knows them by. AWS may have made them.
func (s state) pendingCreates() (list []string) {
	for _, op := range s.PendingOperations {
		if op.Type != "creating" {
			continue
		}
		line := op.Resource.Type + " " + logicalName(op.Resource.URN)
		for _, property := range []string{"name", "identifier", "clusterIdentifier", "bucket", "family", "domainName"} {
			if text, ok := op.Resource.Inputs[property].(string); ok && text != "" {
				line += " (" + property + " " + text + ")"
				break
			}
		}
		list = append(list, line)
	}
	return list
}

// locked runs a command that takes the lock of a stack. When a process that is gone has left the lock, it is released.
func (e *Environments) locked(ctx context.Context, name string, args ...string) error {
	return e.unlocking(ctx, name, func(heard io.Writer) error { return e.Place.Pulumi(ctx, heard, args...) })
}

// quietlyLocked is locked for a command that the user has not asked for.
func (e *Environments) quietlyLocked(ctx context.Context, name string, args ...string) error {
	return e.unlocking(ctx, name, func(heard io.Writer) error {
		_, err := e.Place.Output(ctx, heard, args...)
		return err
	})
}

func (e *Environments) unlocking(ctx context.Context, name string, run func(heard io.Writer) error) error {
	var heard bytes.Buffer
	err := run(&heard)
	if err == nil {
		return nil
	}
	locks := parseLocks(heard.String())
	if len(locks) == 0 {
		return err
	}
	host, hostErr := os.Hostname()
	if hostErr != nil {
		return hostErr
	}
	for _, l := range locks {
		if why := l.held(host, time.Now(), isAlive); why != "" {
			return fmt.Errorf("another run is changing %s: %s, since %s, %s. Wait for it; if it is dead all the same, release its lock with pulumi cancel %[1]s, and run this again",
				name, l.owner(), l.since.Local().Format(time.DateTime), why)
		}
	}
	e.say("the lock of %s was left by a run that is gone (%s, %s); it is released", name, locks[0].owner(), locks[0].since.Local().Format(time.DateTime))
	if _, err := e.output(ctx, "cancel", name, "--yes"); err != nil {
		return err
	}
	return run(io.Discard)
}

// lock is a lock of a stack in a backend of files or of objects. Pulumi Cloud has no such: it ends by itself what is not
// heard of for some minutes.
type lock struct {
	user, host string
	pid        int
	since      time.Time
}

// Pulumi's message names each, as "file:///...: created by root@builder (pid 4711) at 2026-11-21T10:00:00Z".
var lockLine = regexp.MustCompile(`created by (\S*)@(\S+) \(pid (\d+)\) at (\S+)`)

func parseLocks(message string) (locks []lock) {
	if !strings.Contains(message, "the stack is currently locked by") {
		return nil
	}
	for _, found := range lockLine.FindAllStringSubmatch(message, -1) {
		pid, pidErr := strconv.Atoi(found[3])
		since, timeErr := time.Parse(time.RFC3339, found[4])
		if pidErr != nil || timeErr != nil {
			continue
		}
		locks = append(locks, lock{found[1], found[2], pid, since})
	}
	return locks
}

func (l lock) owner() string { return fmt.Sprintf("process %d of %s on %s", l.pid, l.user, l.host) }

// longestRun is how long a run on another machine is taken to be alive. An up of everything takes 15 minutes or so, and
// the longest wait in it, for a service to become stable, 30.
const longestRun = time.Hour

// held says why the lock is not to be released; "" when its run is gone.
func (l lock) held(host string, now time.Time, alive func(pid int) bool) string {
	switch {
	case l.host != host && now.Sub(l.since) < longestRun:
		return "on another machine, of which this one cannot tell whether it runs"
	case l.host == host && alive(l.pid):
		return "and that process runs"
	}
	return ""
}

func isAlive(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }
