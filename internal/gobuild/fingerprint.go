package gobuild

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// toolchain describes what else than the sources decides about a build: Go's version and the settings of the target.
func toolchain(ctx context.Context, dir string) (string, error) {
	goCommand, err := goCommand()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, goCommand,
		"env", "GOVERSION", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "CGO_ENABLED", "GOFLAGS", "GOEXPERIMENT", "GOWORK")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s env in %s: %w\n%s", goCommand, dir, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(out), nil
}

// sourceFingerprint identifies the sources of a module by their content: its Go files with what they embed, go.mod and
// go.sum. Tests, other modules and what `go build` ignores do not count, nor do the Dockerfiles' contexts in docker/.
func sourceFingerprint(dir, toolchain string) (string, error) {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\n", toolchain)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != dir && notBuilt(dir, path, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		name := entry.Name()
		switch {
		case name == "go.mod" || name == "go.sum":
			return addFile(hash, dir, path)
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			if err := addFile(hash, dir, path); err != nil {
				return err
			}
			return addEmbedded(hash, dir, path)
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("fingerprint of the sources: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// notBuilt tells whether `go build` in root never reads the directory.
func notBuilt(root, path, name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules" {
		return true
	}
	if path == filepath.Join(root, "docker") {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod")) // another module
	return err == nil
}

func addFile(hash io.Writer, root, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	// The length keeps the end of one file apart from the beginning of the next.
	fmt.Fprintf(hash, "%s %d\n", filepath.ToSlash(name), info.Size())
	_, err = io.Copy(hash, file)
	return err
}

// addEmbedded adds the files that a Go file embeds.
func addEmbedded(hash io.Writer, root, path string) error {
	source, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(source)) {
		patterns, ok := strings.CutPrefix(line, "//go:embed ")
		if !ok {
			continue
		}
		for _, pattern := range strings.Fields(patterns) {
			pattern = strings.TrimPrefix(strings.Trim(pattern, "\"`"), "all:")
			matches, err := filepath.Glob(filepath.Join(filepath.Dir(path), pattern))
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			for _, match := range matches {
				if err := addTree(hash, root, match); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func addTree(hash io.Writer, root, path string) error {
	return filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return addFile(hash, root, path)
	})
}
