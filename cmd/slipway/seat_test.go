package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/internal/localrun"
	"slipway/internal/mototest"
	"slipway/internal/ptytest"
)

// seat is where an operator sits: a clone of the project, a terminal, pulumi, and an AWS account of their own.
type seat struct {
	t       *testing.T
	dir     string // the project
	bin     string // comes first on PATH
	account *mototest.Account
	environ []string
}

var pulumiCLI = sync.OnceValues(func() (string, error) {
	return (&localrun.Session{WorkDir: "../.."}).FindCLI(context.Background())
})

func newSeat(t *testing.T) *seat {
	t.Helper()
	s := &seat{t: t, dir: t.TempDir(), bin: t.TempDir(), account: mototest.NewAccount(t)}
	files, err := filepath.Glob("../../Pulumi*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s.write(filepath.Base(file), string(text))
	}
	cli, err := pulumiCLI()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(cli, filepath.Join(s.bin, "pulumi")))
	s.git("init", "--quiet")
	s.git("remote", "add", "origin", "git@github.com:acme/shop.git")
	home := t.TempDir()
	s.environ = append([]string{
		actAs + "=slipway", "PATH=" + s.bin + ":/usr/bin:/bin", "HOME=" + home, "PULUMI_HOME=" + home, "PULUMI_SKIP_UPDATE_CHECK=true",
	}, s.account.Environ()...)
	return s
}

func (s *seat) write(name, text string) {
	s.t.Helper()
	require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644))
}

func (s *seat) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	require.NoError(s.t, err)
	return string(text)
}

// fake puts a line of shell in the place of a command.
func (s *seat) fake(name, line string) {
	s.t.Helper()
	path := filepath.Join(s.bin, name)
	if err := os.Remove(path); err != nil {
		require.ErrorIs(s.t, err, os.ErrNotExist)
	}
	require.NoError(s.t, os.WriteFile(path, []byte("#!/bin/sh\n"+line+"\n"), 0o755))
}

func (s *seat) git(args ...string) {
	s.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, string(out))
}

func (s *seat) command(args ...string) *exec.Cmd {
	s.t.Helper()
	self, err := os.Executable()
	require.NoError(s.t, err)
	cmd := exec.CommandContext(s.t.Context(), self, args...)
	cmd.Dir, cmd.Env = s.dir, s.environ
	return cmd
}

// run runs a command of slipway without a terminal.
func (s *seat) run(stdin string, args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	cmd := s.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		require.True(s.t, errors.As(err, &exit), "%v", err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// types runs a command of slipway on a terminal. What differs from run to run is replaced in what is seen.
func (s *seat) types(args []string, answers ...ptytest.Answer) ptytest.Screen {
	s.t.Helper()
	seen := ptytest.Run(s.t, s.command(args...), answers...)
	seen.Text = "$ slipway " + strings.Join(args, " ") + "\n" + s.stable(seen.Text)
	return seen
}

var changing = []struct {
	pattern *regexp.Regexp
	stands  string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "11111111-2222-3333-4444-555555555555"},
	{regexp.MustCompile(`(pulumi-state-acme-shop-)[0-9a-f]{12}`), "${1}0123456789ab"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d( \d\d:\d\d)?`), "2026-11-21$1"},
	{regexp.MustCompile(` \d\d:\d\d\b`), " 12:00"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:4711"},
}

func (s *seat) stable(text string) string {
	text = strings.ReplaceAll(text, s.account.ID, "123456789012")
	for _, c := range changing {
		text = c.pattern.ReplaceAllString(text, c.stands)
	}
	return text
}

// writes are the calls since the last time that have changed something.
func (s *seat) writes() (writes []string) {
	for _, call := range s.account.TakeCalls() {
		if call.IsWrite() {
			writes = append(writes, call.String())
		}
	}
	return writes
}
