// Package buildcontext hashes what reaches an image build, as Docker sees it: the Dockerfile and the context without
// what .dockerignore names.
package buildcontext

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
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// Digest is the SHA-256, in hexadecimal, of the names, executable bits and contents of the files that reach the build,
// and of options, which are whatever else decides what it makes. It is the same on every machine: no times, no owners,
// no other permissions, which differ between checkouts. Both paths are relative to the working directory.
func Digest(context, dockerfile string, options ...string) (string, error) {
	digest := sha256.New()
	writeField(digest, fmt.Sprint(len(options)))
	for _, option := range options {
		writeField(digest, option)
	}
	// The Dockerfile may lie outside of the context, or be ignored in it.
	if err := hashFile(digest, "Dockerfile", dockerfile, 0); err != nil {
		return "", fmt.Errorf("hash the Dockerfile: %w", err)
	}
	if err := hashContext(digest, context, dockerfile); err != nil {
		return "", fmt.Errorf("hash the build context %s: %w", context, err)
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

func hashContext(digest hash.Hash, context, dockerfile string) error {
	return Walk(context, dockerfile, func(name, path string, mode fs.FileMode) error {
		return hashFile(digest, name, path, mode)
	})
}

// Walk calls visit for each file, link and so on of the context that reaches the build, with its name in the context, with slashes,
// and its path, in lexical order.
func Walk(context, dockerfile string, visit func(name, path string, mode fs.FileMode) error) error {
	patterns, err := ignorePatterns(context, dockerfile)
	if err != nil {
		return err
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		return fmt.Errorf(".dockerignore: %w", err)
	}
	// WalkDir goes in lexical order, so that the hash does not depend on the file system's.
	return filepath.WalkDir(context, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(context, path)
		if err != nil || name == "." {
			return err
		}
		name = filepath.ToSlash(name)
		skip, err := ignored.MatchesOrParentMatches(name)
		if err != nil {
			return err
		}
		switch {
		case skip && entry.IsDir() && !ignored.Exclusions():
			return filepath.SkipDir
		case skip, entry.IsDir():
			// Inside an ignored folder a pattern such as !folder/file may bring a file back.
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return visit(name, path, info.Mode())
	})
}

// ignorePatterns reads <Dockerfile>.dockerignore, or else .dockerignore in the context, as Docker does.
func ignorePatterns(context, dockerfile string) ([]string, error) {
	for _, path := range []string{dockerfile + ".dockerignore", filepath.Join(context, ".dockerignore")} {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return ignorefile.ReadAll(file)
	}
	return nil, nil
}

// hashFile writes a file or a symbolic link. Sockets and devices do not reach a build.
func hashFile(digest hash.Hash, name, path string, mode fs.FileMode) error {
	switch {
	case mode&fs.ModeSymlink != 0:
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		writeField(digest, "link "+name)
		writeField(digest, filepath.ToSlash(target))
		return nil
	case !mode.IsRegular():
		return nil
	}
	kind := "file "
	if mode&0o100 != 0 {
		kind = "executable "
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	content := sha256.New()
	if _, err := io.Copy(content, file); err != nil {
		return err
	}
	writeField(digest, kind+name)
	writeField(digest, string(content.Sum(nil)))
	return nil
}

// writeField writes the length before the text, so that two fields cannot be read as one.
func writeField(digest hash.Hash, text string) {
	_, _ = io.Copy(digest, strings.NewReader(fmt.Sprintf("%d:%s", len(text), text)))
}
