package pipelinerun

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// keep zips a folder as an artifact, as who may write into the pipeline's store.
func (r *Runner) keep(e *Execution, role, name, dir string, files []string) error {
	if !slices.Equal(files, []string{"**/*"}) {
		return fmt.Errorf("artifact %s: only all files of a folder are executed here, got %q", name, files)
	}
	store := e.definition.ArtifactStores[0]
	if err := r.may(role, "arn:aws:s3:::"+store.Location+"/"+e.definition.Name+"/"+name+"/x", "s3:PutObject"); err != nil {
		return err
	}
	if err := r.may(role, store.EncryptionKey.ID, "kms:GenerateDataKey"); err != nil {
		return err
	}
	path := filepath.Join(r.Dir, e.ID+"-"+name+".zip")
	e.artifacts[name] = path
	return pack(dir, path)
}

// unpack is keep backwards, into a new folder.
func (r *Runner) unpack(e *Execution, role, name, dir string) error {
	store := e.definition.ArtifactStores[0]
	if err := r.may(role, "arn:aws:s3:::"+store.Location+"/"+e.definition.Name+"/"+name+"/x", "s3:GetObject", "s3:GetObjectVersion"); err != nil {
		return err
	}
	if err := r.may(role, store.EncryptionKey.ID, "kms:Decrypt"); err != nil {
		return err
	}
	path, ok := e.artifacts[name]
	if !ok {
		return fmt.Errorf("no action before has left the artifact %s", name)
	}
	return extract(path, dir)
}

func pack(dir, path string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	archive := zip.NewWriter(file)
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		header, err := zip.FileInfoHeader(info) // with its mode: scripts stay executable
		if err != nil {
			return err
		}
		if header.Name, err = filepath.Rel(dir, path); err != nil {
			return err
		}
		into, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		from, err := os.Open(path)
		if err != nil {
			return err
		}
		defer from.Close()
		_, err = io.Copy(into, from)
		return err
	})
	return errors.Join(err, archive.Close())
}

func extract(path, dir string) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer archive.Close()
	for _, entry := range archive.File {
		if err := extractFile(entry, dir); err != nil {
			return err
		}
	}
	return nil
}

func extractFile(entry *zip.File, dir string) (err error) {
	if !filepath.IsLocal(entry.Name) {
		return fmt.Errorf("the artifact has %q, which is outside of it", entry.Name)
	}
	path := filepath.Join(dir, entry.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	from, err := entry.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	into, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, entry.Mode())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, into.Close()) }()
	_, err = io.Copy(into, from)
	return err
}
