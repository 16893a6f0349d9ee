package components

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

// imageSource is all that decides what a build makes.
type imageSource struct {
	context, dockerfile string
	target, platform    string
	revision            string
	buildArgs           map[string]string
}

// tagLength is how many hexadecimal digits of the hash the tag has: 64 bits, which do not meet by chance.
const tagLength = 16

// tag is a hash of the source: of the names, executable bits and contents of the files that reach the build, and of the options.
// It is the same on every machine: no times, no owners, no other permissions, which differ between checkouts.
func (s imageSource) tag() (string, error) {
	digest := sha256.New()
	for _, option := range []string{s.target, s.platform, s.revision} {
		writeField(digest, option)
	}
	for _, name := range sortedKeys(s.buildArgs) {
		writeField(digest, name)
		writeField(digest, s.buildArgs[name])
	}
	// The Dockerfile may lie outside of the context, or be ignored in it.
	if err := hashFile(digest, "Dockerfile", s.dockerfile, 0); err != nil {
		return "", fmt.Errorf("hash the Dockerfile: %w", err)
	}
	if err := s.hashContext(digest); err != nil {
		return "", fmt.Errorf("hash the build context %s: %w", s.context, err)
	}
	return hex.EncodeToString(digest.Sum(nil))[:tagLength], nil
}

func (s imageSource) hashContext(digest hash.Hash) error {
	patterns, err := s.ignorePatterns()
	if err != nil {
		return err
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		return fmt.Errorf(".dockerignore: %w", err)
	}
	// WalkDir goes in lexical order, so that the hash does not depend on the file system's.
	return filepath.WalkDir(s.context, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(s.context, path)
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
		return hashFile(digest, name, path, info.Mode())
	})
}

// ignorePatterns reads <Dockerfile>.dockerignore, or else .dockerignore in the context, as Docker does.
func (s imageSource) ignorePatterns() ([]string, error) {
	for _, path := range []string{s.dockerfile + ".dockerignore", filepath.Join(s.context, ".dockerignore")} {
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
