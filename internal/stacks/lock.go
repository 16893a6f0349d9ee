package stacks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Locked runs a command that takes the lock of a stack. When a process that is gone has left the lock, it is released.
func (s *Stacks) Locked(ctx context.Context, name string, args ...string) error {
	return s.unlocking(ctx, name, func(heard io.Writer) error { return s.Place.Pulumi(ctx, heard, args...) })
}

// quietlyLocked is Locked for a command that the user has not asked for. When it fails, the user sees why.
func (s *Stacks) quietlyLocked(ctx context.Context, name string, args ...string) error {
	return s.unlocking(ctx, name, func(heard io.Writer) error {
		var said bytes.Buffer
		_, err := s.Place.Output(ctx, io.MultiWriter(heard, &said), args...)
		if err != nil && len(parseLocks(said.String())) == 0 {
			_, writeErr := said.WriteTo(s.Stderr)
			err = errors.Join(err, writeErr)
		}
		return err
	})
}

func (s *Stacks) unlocking(ctx context.Context, name string, run func(heard io.Writer) error) error {
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
	s.say("the lock of %s was left by a run that is gone (%s, %s); it is released", name, locks[0].owner(), locks[0].since.Local().Format(time.DateTime))
	if _, err := s.Output(ctx, "cancel", name, "--yes"); err != nil {
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
