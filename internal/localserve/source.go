package localserve

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"slipway/internal/buildcontext"
)

// source is what an image is built from.
type source struct {
	context, dockerfile string // paths
	target              string
	arguments           map[string]string
	// deployed is the digest of the context when the image was registered.
	deployed string
}

// sourceOf finds what the image of a container was built from; nil when no stack has built it here.
func (r *registered) sourceOf(image, projectDir string) (*source, error) {
	for _, o := range r.objects {
		if o.Type != imageType || text(o, "repoDigest") != image {
			continue
		}
		var build struct {
			Context, Dockerfile, Target, ContextDigest string
			Args                                       map[string]string
		}
		if err := reread(o.Properties["build"], &build); err != nil {
			return nil, err
		}
		return &source{
			context:    inProject(projectDir, build.Context),
			dockerfile: inProject(projectDir, build.Dockerfile),
			target:     build.Target,
			arguments:  build.Args,
			deployed:   build.ContextDigest,
		}, nil
	}
	return nil, nil
}

func inProject(projectDir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(projectDir, path)
}

// digest is that of the files as they are now.
func (s *source) digest() (string, error) { return buildcontext.Digest(s.context, s.dockerfile) }

// copyTo copies what reaches the build, as COPY . . does, into a directory that is made anew. Files cannot be written, and
// directories by their owner alone, who is not the containers' user where this is root.
func (s *source) copyTo(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	err := buildcontext.Walk(s.context, s.dockerfile, func(name, path string, mode fs.FileMode) error {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		switch {
		case mode&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(target, to)
		case mode.IsRegular():
			return copyFile(path, to, 0o444|mode.Perm()&0o111)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("copy what the image is made of: %w", err)
	}
	return nil
}

func copyFile(from, to string, mode fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	// The mask of this process has taken away what others may do.
	return errors.Join(err, out.Chmod(mode), out.Close())
}
