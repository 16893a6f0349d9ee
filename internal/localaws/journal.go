package localaws

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// change is a line of the journal.
type change struct {
	Put    *Object   `json:"put,omitempty"`
	Remove *Identity `json:"remove,omitempty"`
	// Generation is the count of creations of the URN of Put.
	Generation int `json:"generation,omitempty"`
}

// view runs read with the account up to date.
func (a *Account) view(read func() error) error {
	return a.locked(syscall.LOCK_SH, func(*os.File) error { return read() })
}

// update runs decide with the account up to date and locked, and appends the changes that it returns.
func (a *Account) update(decide func() ([]change, error)) error {
	return a.locked(syscall.LOCK_EX, func(f *os.File) error {
		changes, err := decide()
		if err != nil || len(changes) == 0 {
			return err
		}
		var lines []byte
		for _, c := range changes {
			line, err := json.Marshal(c)
			if err != nil {
				return err
			}
			lines = append(append(lines, line...), '\n')
		}
		// What follows the offset is a torn line of a killed process: every complete line was read before.
		if err := f.Truncate(a.offset); err != nil {
			return err
		}
		if _, err := f.WriteAt(lines, a.offset); err != nil {
			return errors.Join(fmt.Errorf("the embedded AWS could not write %s: %w", a.path, err), f.Truncate(a.offset))
		}
		for _, c := range changes {
			a.apply(c)
		}
		a.passed(lines)
		return nil
	})
}

// passed notes that lines of the journal were read or written.
func (a *Account) passed(lines []byte) {
	if a.offset == 0 {
		a.first = lines[:bytes.IndexByte(lines, '\n')+1]
	}
	a.offset += int64(len(lines))
}

func (a *Account) locked(how int, run func(*os.File) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	f, err := os.OpenFile(a.path, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, os.ErrNotExist) { // somebody removed the directory while this process ran
		if err = os.MkdirAll(filepath.Dir(a.path), 0o700); err == nil {
			f, err = os.OpenFile(a.path, os.O_RDWR|os.O_CREATE, 0o600)
		}
	}
	if err != nil {
		return fmt.Errorf("the embedded AWS keeps what exists in %s: %w", a.path, err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return fmt.Errorf("locking %s: %w", a.path, err)
	}
	if err := a.catchUp(f); err != nil {
		return err
	}
	return run(f)
}

// catchUp reads what other processes have appended.
func (a *Account) catchUp(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if begun := make([]byte, len(a.first)); info.Size() < a.offset {
		a.clear() // somebody removed .local while this process ran: start from what is there
	} else if _, err := f.ReadAt(begun, 0); err != nil {
		return err
	} else if !bytes.Equal(begun, a.first) {
		a.clear()
	}
	if info.Size() == a.offset {
		return nil
	}
	r := bufio.NewReader(io.NewSectionReader(f, a.offset, info.Size()-a.offset))
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // a torn last line has no line feed
		}
		if err != nil {
			return err
		}
		var c change
		if err := json.Unmarshal(line, &c); err != nil {
			return fmt.Errorf("%s is damaged at byte %d (%w); remove the file to start with an empty account", a.path, a.offset, err)
		}
		a.apply(c)
		a.passed(line)
	}
}

func (a *Account) apply(c change) {
	if c.Remove != nil {
		a.unlink(a.objects[objectKey{c.Remove.Type, c.Remove.ID}])
	}
	if c.Put != nil {
		a.unlink(a.objects[c.Put.key()])
		a.link(c.Put)
		if c.Generation > 0 {
			a.generations[c.Put.URN] = c.Generation
		}
	}
}
