// Package ptytest runs a command on a terminal, as a person would, and keeps what they see.
package ptytest

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Update has golden files written anew.
var Update = flag.Bool("update", false, "write golden files anew")

// Screen is what was seen of a command, and how it ended.
type Screen struct {
	Text string
	Code int
}

// Answer is what a person types when they see something.
type Answer struct{ When, Type string }

// Run runs a command on a terminal of 200 columns. What is typed comes after what it answers has been seen.
func Run(t testing.TB, cmd *exec.Cmd, answers ...Answer) Screen {
	t.Helper()
	// A program that asks the terminal for its colours would wait for an answer.
	cmd.Env = append(cmd.Env, "TERM=dumb")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 60, Cols: 200})
	require.NoError(t, err)
	defer terminal.Close()
	// One that waits for what nobody types would wait for ever.
	defer time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() }).Stop()
	var seen bytes.Buffer
	buffer := make([]byte, 4096)
	from := 0
	for {
		n, err := terminal.Read(buffer)
		seen.Write(buffer[:n])
		for len(answers) > 0 && strings.Contains(seen.String()[from:], answers[0].When) {
			from = seen.Len()
			_, writeErr := io.WriteString(terminal, answers[0].Type)
			require.NoError(t, writeErr)
			answers = answers[1:]
		}
		if err != nil { // EIO when the command has ended, on Linux
			if !errors.Is(err, syscall.EIO) && !errors.Is(err, io.EOF) {
				require.NoError(t, err)
			}
			break
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return Screen{strings.ReplaceAll(seen.String(), "\r\n", "\n"), cmd.ProcessState.ExitCode()}
}

// Golden compares with testdata/<name>.golden, which -update writes.
func Golden(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *Update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "write it with -update, and look at it")
	assert.Equal(t, string(want), text, "if this is right: go test -update")
}
