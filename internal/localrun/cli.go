package localrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/blang/semver"

	"slipway/internal/gobuild"
)

// findCLI finds pulumi on PATH, or builds the one that tools/ pins.
func (r *run) findCLI(ctx context.Context) error {
	if r.cli != "" {
		return nil
	}
	tool := gobuild.Tool{
		Dir:     filepath.Join(r.project.dir, "tools"),
		Package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
		Module:  "github.com/pulumi/pulumi/pkg/v3",
		Takes:   "about 3 minutes on two cores",
		// Without a version of its own, the CLI is refused by Pulumi's Automation API.
		LDFlags: func(version string) string {
			return "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + version
		},
	}
	pinned, err := tool.Version()
	if err != nil {
		return fmt.Errorf("pulumi: %w", err)
	}
	onPath, err := exec.LookPath("pulumi")
	if err == nil {
		version, err := r.cliVersion(ctx, onPath)
		if err != nil {
			return err
		}
		if !older(version, pinned) {
			r.cli = onPath
			return nil
		}
		fmt.Fprintf(r.stderr, "slipway: %s is %s; local runs take %s or newer\n", onPath, version, pinned)
	}
	cache, err := gobuild.ToolCache()
	if err != nil {
		return err
	}
	r.cli, err = tool.Build(ctx, cache, r.stderr)
	return err
}

// cliVersion asks a CLI for its version, and remembers the answer as long as the file is the same one: asking takes
// 0.15 s, which is much for a preview.
func (r *run) cliVersion(ctx context.Context, path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	file := fmt.Sprintf("%s %d %d", path, info.Size(), info.ModTime().UnixNano())
	remembered := filepath.Join(r.dir, "cli-version")
	data, err := os.ReadFile(remembered)
	if err == nil {
		if version, ok := strings.CutPrefix(string(data), file+" "); ok {
			return strings.TrimSpace(version), nil
		}
	}
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = r.environment()
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s version: %w", path, errors.Join(err, ctx.Err()))
	}
	version := strings.TrimSpace(string(out))
	return version, os.WriteFile(remembered, []byte(file+" "+version+"\n"), 0o644)
}

// older tells whether a version is older than the least; what is no version is.
func older(version, least string) bool {
	v, err := semver.ParseTolerant(version)
	if err != nil {
		return true
	}
	l, err := semver.ParseTolerant(least)
	return err != nil || v.LT(l)
}
