package gobuild

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Tool is an executable that the module in Dir pins: its go.mod and go.sum say which source it is built from.
type Tool struct {
	Dir     string // the directory of the module, for example "tools"
	Package string // the package main, for example "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
	Module  string // the module that has the package, whose version is the tool's
	Takes   string // about how long it takes to build, for people
	LDFlags func(version string) string
}

// Version is the version that go.mod requires, for example "v3.250.0".
func (t Tool) Version() (string, error) {
	path := filepath.Join(t.Dir, "go.mod")
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("the version of %s: %w", t.name(), err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(lines.Text()), "require "))
		if len(fields) >= 2 && fields[0] == t.Module {
			return fields[1], nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("the version of %s: %s: %w", t.name(), path, err)
	}
	return "", fmt.Errorf("the version of %s: %s does not require %s; run `go get -tool %s@VERSION` in %s",
		t.name(), path, t.Module, t.Package, t.Dir)
}

// Build builds the tool into the cache unless it is there, and returns its path. Its directory is named after all that
// decides about it, so that several checkouts share it and another version never replaces it.
func (t Tool) Build(ctx context.Context, cache string, log io.Writer) (string, error) {
	version, err := t.Version()
	if err != nil {
		return "", err
	}
	toolchain, err := toolchain(ctx, t.Dir)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\n", toolchain)
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := addFile(hash, t.Dir, filepath.Join(t.Dir, name)); err != nil {
			return "", fmt.Errorf("%s: %w", t.name(), err)
		}
	}
	dir := fmt.Sprintf("%s-%s-%s", t.name(), version, hex.EncodeToString(hash.Sum(nil))[:16])
	output := filepath.Join(cache, dir, t.name())
	b := build{
		dir:     t.Dir,
		pkg:     t.Package,
		ldflags: "-s -w " + t.LDFlags(version),
		output:  output,
		what:    fmt.Sprintf("%s %s into %s (once; %s)", t.name(), version, filepath.Dir(output), t.Takes),
		log:     log,
		ready: func() bool {
			_, err := os.Stat(output)
			return err == nil
		},
		built: func() error { return nil },
	}
	return output, b.run(ctx)
}

func (t Tool) name() string { return filepath.Base(t.Package) }

// ToolCache is where tools are kept: SLIPWAY_CACHE, or slipway/ in the user's cache directory.
func ToolCache() (string, error) {
	if dir := os.Getenv("SLIPWAY_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place for the tool cache: %w; name one in SLIPWAY_CACHE", err)
	}
	return filepath.Join(dir, "slipway"), nil
}
