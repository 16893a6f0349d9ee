package testenv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"slipway/internal/stacks"
)

// Down takes a test environment down, and removes its stack and its configuration. It is no error when there is none.
func (e *Environments) Down(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	found, err := e.find(ctx, name)
	if err != nil {
		return err
	}
	own, err := e.ownConfiguration(name, found)
	if err != nil {
		return err
	}
	if found == nil {
		return e.nothing(own, name)
	}
	if protected := found.state.Protected(); len(protected) > 0 {
		return fmt.Errorf("%s is no test environment any more: it protects %s. Nothing was changed. To lift that, set %s:ephemeral true in its configuration and run pulumi up -s %[1]s; data can be lost from then on",
			name, strings.Join(protected, ", "), e.Project)
	}
	if err := e.settle(ctx, name, found.state); err != nil {
		return err
	}
	destroy := append([]string{"destroy", "-s", name}, e.approval()...)
	if e.Yes {
		destroy = append(destroy, "--skip-preview") // it is for who is asked
	}
	err = e.pulumi().Locked(ctx, name, destroy...)
	e.reportPending(found.state, name)
	if err != nil {
		return err
	}
	if found.kind == Shared {
		if err := e.dropDatabase(ctx, name, found, own.profile()); err != nil {
			return err
		}
	}
	if err := e.removeStack(ctx, name, found.others); err != nil {
		return err
	}
	files, err := remove(own)
	if err != nil {
		return err
	}
	e.say("%s is down; removed its stack%s", name, files)
	return nil
}

// nothing says that there is no such environment, and removes what may be left of one.
func (e *Environments) nothing(own *configuration, name string) error {
	account, err := e.Place.Account()
	if err != nil {
		return err
	}
	if account != nil {
		if err := e.pulumi().Remove(account, name, nil); err != nil {
			return err
		}
	}
	files, err := remove(own)
	if err != nil {
		return err
	}
	if files != "" {
		files = "; removed what was left of it" + files
	}
	e.say("there is no environment %s%s", name, files)
	return nil
}

// reportPending names what AWS may have made for a run that was cut off. It is for the user to look whether it has.
func (e *Environments) reportPending(s stacks.State, name string) {
	account, err := e.Place.Account()
	pending := s.PendingCreates()
	if err != nil || account != nil || len(pending) == 0 {
		return
	}
	e.say("a run of %s was cut off while AWS was making these, and did not see whether it has. Pulumi cannot delete what it does not know: look for them, and delete what is there:\n  %s",
		name, strings.Join(pending, "\n  "))
}

// removeStack removes the stack. Pulumi forgets then which one was selected, also when it was another.
func (e *Environments) removeStack(ctx context.Context, name string, others []stack) error {
	if _, err := e.pulumi().Output(ctx, "stack", "rm", name, "--preserve-config", "--yes"); err != nil {
		return err
	}
	selected := slices.IndexFunc(others, func(s stack) bool { return s.Current })
	if selected < 0 {
		return nil
	}
	_, err := e.pulumi().Output(ctx, "stack", "select", others[selected].Name)
	return err
}

// remove removes the files of an environment's configuration, and returns their names as the end of a sentence.
func remove(own *configuration) (names string, err error) {
	for _, path := range own.paths {
		err := os.Remove(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		names += ", " + path
	}
	return names, nil
}
