package stacks

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

// Known is what the user knows of creations that were cut off, where nobody else can tell what came of them.
type Known struct {
	// Made are the ids of what AWS has made, by TYPE::NAME, such as aws:ec2/vpc:Vpc::network. Default: none.
	Made map[string]string
	// RestMissing says that AWS has made none of the others. Default: they are reported as an error, and the state
	// keeps all of them pending.
	RestMissing bool
}

// Recover brings the state of a stack whose run has died in line with what exists, and forgets what was pending. What
// was made and not noted down comes into the state, unless that has one of it: the one that it has may hold data and be
// used, also when the other is newer. On the embedded AWS the other is removed, on AWS the user has to. It works again
// and again: when it fails, run it again.
func (s *Stacks) Recover(ctx context.Context, name string, known Known) error {
	account, err := s.Place.Account()
	if err != nil {
		return err
	}
	// What exists before a command has taken the lock, and is in no state after it, belongs to no run that lives.
	before, err := unrecorded(account, name, State{})
	if err != nil {
		return err
	}
	if err := s.refresh(ctx, name); err != nil {
		return err
	}
	state, err := s.State(ctx, name)
	if err != nil {
		return err
	}
	made, err := known.match(state)
	if err != nil {
		return err
	}
	tagged := s.tagged(ctx, state)
	for _, r := range state.cutOff() {
		if ids := tagged[tagOf(r.URN)]; len(ids) == 1 && made[r.URN] == "" && state.present(r.URN) == nil {
			made[r.URN] = ids[0]
		}
	}
	if account != nil {
		orphans, err := unrecorded(account, name, state)
		if err != nil {
			return err
		}
		made = newest(orphans, before, state)
	}
	if unknown := state.unknown(made); account == nil && !known.RestMissing && len(unknown) > 0 {
		return &UnknownError{Stack: name, State: state, made: made, known: known.Made, tagged: tagged, resources: unknown}
	}
	if len(state.PendingOperations) > 0 {
		if err := s.adopt(ctx, name, made); err != nil {
			return err
		}
	}
	if account == nil {
		s.reportTagged(name, tagged, made)
		return nil
	}
	return s.RemoveUnrecorded(ctx, name, before)
}

// refresh brings what the state has in line with what exists. It takes the lock of the stack.
func (s *Stacks) refresh(ctx context.Context, name string) error {
	return s.quietlyLocked(ctx, name, "refresh", "-s", name, "--yes", "--skip-preview", "--skip-pending-creates")
}

// adopt notes down what was made, and forgets what else was pending.
func (s *Stacks) adopt(ctx context.Context, name string, made map[string]string) error {
	exported, err := s.Output(ctx, "stack", "export", "-s", name)
	if err != nil {
		return err
	}
	edited, err := completed(exported, made)
	if err != nil {
		return fmt.Errorf("the state of %s: %w", name, err)
	}
	dir, err := os.MkdirTemp("", "slipway-recover-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, name+".json")
	if err := os.WriteFile(file, edited, 0o600); err != nil {
		return err
	}
	if err := s.quietlyLocked(ctx, name, "stack", "import", "-s", name, "--file", file); err != nil {
		return err
	}
	if len(made) == 0 {
		return nil
	}
	var lines strings.Builder
	for _, urn := range slices.Sorted(maps.Keys(made)) {
		lines.WriteString(line(urn, made[urn]))
	}
	s.say("a run that was cut off had made what the state of %s did not know; imported:%s", name, lines.String())
	return s.refresh(ctx, name) // what AWS has computed
}

func line(urn, id string) string {
	typ, name := typeAndName(urn)
	return fmt.Sprintf("\n  %s %s (%s)", typ, name, id)
}

// unrecorded are the objects of a stack that its state does not have; none on AWS, where they cannot be told.
func unrecorded(account *localaws.Account, name string, state State) ([]localaws.Object, error) {
	if account == nil {
		return nil, nil
	}
	return account.Unrecorded(name, state.objects())
}

// newest are the ids of the objects whose creation was cut off by URN, of several the one that was made last. Only what is
// also in among counts, and of which the state has no other.
func newest(objects, among []localaws.Object, state State) map[string]string {
	pending := map[string]bool{}
	for _, r := range state.cutOff() {
		pending[r.URN] = state.present(r.URN) == nil
	}
	chosen := map[string]localaws.Object{}
	for _, o := range objects {
		if pending[o.URN] && contains(among, o) && !o.Created.Before(chosen[o.URN].Created) {
			chosen[o.URN] = o
		}
	}
	ids := map[string]string{}
	for urn, o := range chosen {
		ids[urn] = o.ID
	}
	return ids
}

func contains(objects []localaws.Object, o localaws.Object) bool {
	return slices.ContainsFunc(objects, func(other localaws.Object) bool { return other.Type == o.Type && other.ID == o.ID })
}

// RemoveUnrecorded removes from the embedded AWS what of the given objects the state of a stack does not have.
func (s *Stacks) RemoveUnrecorded(ctx context.Context, name string, objects []localaws.Object) error {
	if len(objects) == 0 {
		return nil
	}
	account, err := s.Place.Account()
	if err != nil {
		return err
	}
	state, err := s.State(ctx, name)
	if err != nil {
		return err
	}
	kept := state.objects()
	left, err := unrecorded(account, name, state)
	if err != nil {
		return err
	}
	for _, o := range left {
		if !contains(objects, o) {
			kept[localaws.Identity{Type: o.Type, ID: o.ID}] = true // it was made later
		}
	}
	return s.Remove(account, name, kept)
}

// Remove removes from the embedded AWS what a stack has made and is not to be kept.
func (s *Stacks) Remove(account *localaws.Account, name string, kept map[localaws.Identity]bool) error {
	removed, err := account.RemoveUnrecorded(name, kept)
	if len(removed) > 0 {
		var list strings.Builder
		for _, o := range removed {
			list.WriteString(line(o.URN, o.ID))
		}
		s.say("a run that was cut off had made what the state of %s does not know; removed:%s", name, list.String())
	}
	return err
}

// cutOff are the resources whose creation was asked for by a run that did not live to see the answer.
func (s State) cutOff() (list []Resource) {
	for _, op := range s.PendingOperations {
		if op.Type == "creating" && op.Resource.Custom && !strings.HasPrefix(op.Resource.Type, "pulumi:") {
			list = append(list, op.Resource)
		}
	}
	return list
}

// unknown are the resources whose creation was cut off, other than those that are known to be made. Of several creations
// of one resource, which several runs have asked for, only one can be known. What has the name of the one in the state is
// that one, such as the settings of a bucket.
func (s State) unknown(made map[string]string) (list []Resource) {
	seen := map[string]bool{}
	for _, r := range s.cutOff() {
		_, name := r.awsName()
		present := s.present(r.URN)
		switch {
		case present != nil && name == present.ID:
		case made[r.URN] == "" || seen[r.URN]:
			list = append(list, r)
		}
		seen[r.URN] = true
	}
	return list
}

// PendingCreates are the resources whose creation was cut off, each with the name that AWS knows it by and how to look
// for it. AWS may have made them.
func (s State) PendingCreates() (list []string) {
	for _, r := range s.cutOff() {
		list = append(list, r.lookup())
	}
	return list
}

// handle is how the user names a resource: TYPE::NAME.
func handle(r Resource) string { return r.Type + "::" + logicalName(r.URN) }

// match finds the resources that the user knows to have been made, and returns their ids by URN.
func (k Known) match(state State) (map[string]string, error) {
	made, importable := map[string]string{}, map[string]string{}
	for _, r := range state.cutOff() {
		if state.present(r.URN) == nil {
			importable[handle(r)] = r.URN
		}
	}
	for _, named := range slices.Sorted(maps.Keys(k.Made)) {
		urn := importable[named]
		if urn == "" {
			choice := "no creation was cut off of which the state has none"
			if len(importable) > 0 {
				choice = "what can be imported is " + strings.Join(slices.Sorted(maps.Keys(importable)), ", ")
			}
			return nil, &localrun.UsageError{Err: fmt.Errorf("--import %s=%s: %s", named, k.Made[named], choice)}
		}
		made[urn] = k.Made[named]
	}
	return made, nil
}

// UnknownError names creations of which it is not known what came of them.
type UnknownError struct {
	Stack string
	// State is that of the stack. The creations are pending in it.
	State State

	made, known map[string]string // ids by URN, and of those what the user knows, as Known.Made
	tagged      map[string][]string
	resources   []Resource
}

func (e *UnknownError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "a run of %s was cut off while AWS was making these, and did not see whether it has:", e.Stack)
	command, another := "slipway recover "+e.Stack, false
	for _, named := range slices.Sorted(maps.Keys(e.known)) {
		command += fmt.Sprintf(" --import '%s=%s'", named, e.known[named])
	}
	for _, r := range e.resources {
		text.WriteString("\n  " + r.lookup())
		other := e.made[r.URN]
		if present := e.State.present(r.URN); present != nil {
			other = present.ID
		}
		if ids := slices.DeleteFunc(slices.Clone(e.tagged[tagOf(r.URN)]), func(id string) bool { return id == other }); len(ids) > 0 {
			text.WriteString("; its tags are on " + strings.Join(ids, ", "))
		}
		if other == "" {
			command += fmt.Sprintf(" --import '%s=ID'", handle(r))
			continue
		}
		text.WriteString("; not " + other)
		another = true
	}
	text.WriteString("\nLook for each. Nothing is imported or forgotten before all are known.")
	if another {
		text.WriteString(" Where another one is named, that one is kept: delete what else is there.")
	}
	text.WriteString(" Then, with the IDs of what is there, and --forget-rest in the place of what is not, run\n  " + command)
	if another {
		text.WriteString(" --forget-rest")
	}
	return text.String()
}

func logicalName(text string) string {
	_, name := typeAndName(text)
	return name
}

func typeAndName(text string) (typ, name string) {
	made, err := urn.Parse(text)
	if err != nil {
		return "", text
	}
	return string(made.Type()), made.Name()
}
