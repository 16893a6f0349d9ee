package localaws

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// contextDigest is a hash of the Dockerfile and of the names, modes and contents of all files that reach the build.
func contextDigest(context, dockerfile string) (string, error) {
	if info, err := os.Stat(context); err != nil || !info.IsDir() {
		return "", fmt.Errorf("%q is no directory", context)
	}
	ignored, err := ignoredFiles(context, dockerfile)
	if err != nil {
		return "", err
	}
	digest := sha256.New()
	if err := hashFile(digest, "Dockerfile", dockerfile, 0); err != nil {
		return "", err
	}
	err = filepath.WalkDir(context, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(context, path)
		if err != nil || name == "." {
			return err
		}
		name = filepath.ToSlash(name)
		skip, err := ignored.MatchesOrParentMatches(name)
		switch {
		case err != nil:
			return err
		case skip && entry.IsDir() && !ignored.Exclusions():
			return filepath.SkipDir
		case skip, entry.IsDir():
			return nil // a pattern such as !folder/file may bring a file of an ignored folder back
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return hashFile(digest, name, path, info.Mode())
	})
	return hex.EncodeToString(digest.Sum(nil)), err
}

// ignoredFiles reads <Dockerfile>.dockerignore or else .dockerignore in the context.
func ignoredFiles(context, dockerfile string) (*patternmatcher.PatternMatcher, error) {
	for _, path := range []string{dockerfile + ".dockerignore", filepath.Join(context, ".dockerignore")} {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer file.Close()
		patterns, err := ignorefile.ReadAll(file)
		if err != nil {
			return nil, fmt.Errorf("unable to parse %q: %w", path, err)
		}
		return patternmatcher.New(patterns)
	}
	return patternmatcher.New(nil)
}

// hashFile writes a file's name, mode and content; of a symbolic link it is the target's name.
func hashFile(digest hash.Hash, name, path string, mode fs.FileMode) error {
	content := sha256.New()
	switch {
	case mode&fs.ModeSymlink != 0:
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		_, _ = io.WriteString(content, filepath.ToSlash(target))
	case mode.IsRegular():
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		if _, err := io.Copy(content, file); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(digest, "%s\x00%s\x00%x\x00", name, mode, content.Sum(nil))
	return err
}

// relativeDockerfile is the Dockerfile's path as the build sees it, from the context.
func relativeDockerfile(context, dockerfile string) string {
	if relative, err := filepath.Rel(context, dockerfile); err == nil {
		return filepath.ToSlash(relative)
	}
	return dockerfile
}
