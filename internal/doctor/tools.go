package doctor

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/blang/semver"
)

// tool is a program that is run.
type tool struct {
	name string
	args []string // that print the version
	// wanted is the least version, nil for any.
	wanted   func(dir string) string
	use      string // what it is for, where deploying goes without it
	next     string // how it is had
	whenDead string // how it is had when it is installed and does not answer
}

var tools = []tool{
	{name: "go", args: []string{"env", "GOVERSION"}, wanted: func(dir string) string { return wantedIn(dir, "go.mod", `(?m)^go (\S+)$`) }, next: "https://go.dev/dl"},
	{name: "pulumi", args: []string{"version"}, wanted: func(dir string) string {
		return wantedIn(dir, filepath.Join("tools", "go.mod"), `github\.com/pulumi/pulumi/pkg/v3 v(\S+)`)
	}, next: "https://www.pulumi.com/docs/install, or delivery/install"},
	{name: "git", args: []string{"--version"}, next: "apt-get install git"},
	{name: "docker", args: []string{"version", "--format", "{{.Server.Version}}"}, next: "https://docs.docker.com/engine/install; or deploy an image that exists, by the key image",
		whenDead: "start its daemon, or let this user reach it"},
	{name: "aws", args: []string{"--version"}, use: "commands that messages name", next: "https://docs.aws.amazon.com/cli"},
	{name: "session-manager-plugin", args: []string{"--version"}, use: "slipway exec", next: "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"},
	{name: "postgres", args: []string{"--version"}, use: "the application on this machine, and its tests", next: "apt-get install postgresql"},
}

func (d *Doctor) tools(ctx context.Context) {
	for _, t := range tools {
		status, detail, next := t.look(ctx, d.ProjectDir)
		optional := t.use != ""
		if t.name == "docker" && d.value("image") != "" {
			optional, detail = true, detail+"; the stack builds no image"
		}
		if status != OK && t.use != "" {
			detail += ", for " + t.use
		}
		if optional {
			d.report.optional(status, t.name, detail, next)
		} else {
			d.report.add(status, t.name, detail, next)
		}
	}
}

func (t tool) look(ctx context.Context, dir string) (status Status, detail, next string) {
	path, err := find(t.name)
	if err != nil {
		return Missing, "not on PATH", t.next
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, t.args...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		said := firstLine(errs.String())
		if said == "" {
			said = err.Error()
		}
		next := t.whenDead
		if next == "" {
			next = t.next
		}
		return Wrong, said, next
	}
	version := number.FindString(firstLine(out.String() + errs.String()))
	if version == "" {
		return OK, path, ""
	}
	if t.wanted != nil {
		if least := t.wanted(dir); isOlder(version, least) {
			return Wrong, version + ", takes " + least + " or newer", t.next
		}
	}
	return OK, version, ""
}

// find finds a program on PATH. Debian has the server of PostgreSQL elsewhere.
func find(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil || name != "postgres" {
		return path, err
	}
	found, globErr := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if globErr != nil || len(found) == 0 {
		return "", errors.Join(err, globErr)
	}
	return found[len(found)-1], nil
}

var number = regexp.MustCompile(`\d+(\.\d+)+`)

// isOlder compares two versions. One that is not understood is not older.
func isOlder(version, least string) bool {
	is, err := semver.ParseTolerant(version)
	want, otherErr := semver.ParseTolerant(least)
	return err == nil && otherErr == nil && is.LT(want)
}

// wantedIn is a version that a file of the project names; "" for none.
func wantedIn(dir, file, pattern string) string {
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return ""
	}
	if found := regexp.MustCompile(pattern).FindSubmatch(text); found != nil {
		return string(found[1])
	}
	return ""
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}
