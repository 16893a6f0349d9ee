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
	"sync"
	"syscall"
)

// journal is what exists in all accounts, kept in a file: one line of JSON for each change. Several processes
// may use it at once: a change is made under a file lock, after reading what others have appended, so that a killed
// process loses nothing that was acknowledged and leaves at most a torn last line, which the next one drops.
type journal struct {
	mu     sync.Mutex
	path   string
	offset int64
	// first is the file's first line as it was read. It has the time of a creation in it, so it tells a file that
	// was begun anew from the one that was there.
	first      []byte
	everything map[objectKey]*Object
	// byHandle finds objects by all their handles, and usedBy those that refer to an object.
	byHandle map[objectKey]*Object
	usedBy   map[objectKey]map[objectKey]bool
	// generations counts how often each URN was created, so that a replacement has an id of its own.
	generations map[string]int
}

// change is a line of the journal.
type change struct {
	Put    *Object  `json:"put,omitempty"`
	Remove *removal `json:"remove,omitempty"`
	// Generation is the count of creations of the URN of Put.
	Generation int `json:"generation,omitempty"`
}

// removal is what is no more.
type removal struct {
	Identity
	Account string `json:"account"`
	Region  string `json:"region"`
}

// view runs read with the account up to date.
func (j *journal) view(read func() error) error {
	return j.locked(syscall.LOCK_SH, func(*os.File) error { return read() })
}

// update runs decide with the account up to date and locked, and appends the changes that it returns.
func (j *journal) update(decide func() ([]change, error)) error {
	return j.locked(syscall.LOCK_EX, func(f *os.File) error {
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
		if err := f.Truncate(j.offset); err != nil {
			return err
		}
		if _, err := f.WriteAt(lines, j.offset); err != nil {
			return errors.Join(fmt.Errorf("the embedded AWS could not write %s: %w", j.path, err), f.Truncate(j.offset))
		}
		for _, c := range changes {
			j.apply(c)
		}
		j.passed(lines)
		return nil
	})
}

// passed notes that lines of the journal were read or written.
func (j *journal) passed(lines []byte) {
	if j.offset == 0 {
		j.first = lines[:bytes.IndexByte(lines, '\n')+1]
	}
	j.offset += int64(len(lines))
}

func (j *journal) locked(how int, run func(*os.File) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	f, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, os.ErrNotExist) { // somebody removed the directory while this process ran
		if err = os.MkdirAll(filepath.Dir(j.path), 0o700); err == nil {
			f, err = os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600)
		}
	}
	if err != nil {
		return fmt.Errorf("the embedded AWS keeps what exists in %s: %w", j.path, err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return fmt.Errorf("locking %s: %w", j.path, err)
	}
	if err := j.catchUp(f); err != nil {
		return err
	}
	return run(f)
}

// catchUp reads what other processes have appended.
func (j *journal) catchUp(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if begun := make([]byte, len(j.first)); info.Size() < j.offset {
		j.clear() // somebody removed .local while this process ran: start from what is there
	} else if _, err := f.ReadAt(begun, 0); err != nil {
		return err
	} else if !bytes.Equal(begun, j.first) {
		j.clear()
	}
	if info.Size() == j.offset {
		return nil
	}
	r := bufio.NewReader(io.NewSectionReader(f, j.offset, info.Size()-j.offset))
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
			return fmt.Errorf("%s is damaged at byte %d (%w); remove the file to start with an empty account", j.path, j.offset, err)
		}
		j.apply(c)
		j.passed(line)
	}
}

func (j *journal) apply(c change) {
	if c.Remove != nil {
		j.unlink(j.find(*c.Remove))
	}
	if c.Put != nil {
		c.Put.Account = orDefault(c.Put.Account, AccountID)
		j.unlink(j.everything[c.Put.key()])
		j.link(c.Put)
		if c.Generation > 0 {
			j.generations[c.Put.URN] = c.Generation
		}
	}
}

// find is what a removal is about. Lines that were written when there was one account do not say where it is.
func (j *journal) find(r removal) *Object {
	if r.Account != "" {
		return j.everything[keyOf(scope{r.Account, r.Region}, r.Type, r.ID)]
	}
	for _, o := range j.everything {
		if o.identity() == r.Identity {
			return o
		}
	}
	return nil
}

func (j *journal) clear() {
	j.offset, j.first, j.generations = 0, nil, map[string]int{}
	j.everything, j.byHandle = map[objectKey]*Object{}, map[objectKey]*Object{}
	j.usedBy = map[objectKey]map[objectKey]bool{}
}

func (j *journal) link(o *Object) {
	j.everything[o.key()] = o
	for _, h := range o.handles() {
		j.byHandle[keyOf(o.scope(), o.Type, h)] = o
	}
	for _, r := range o.References {
		target := r.key(o.scope())
		if j.usedBy[target] == nil {
			j.usedBy[target] = map[objectKey]bool{}
		}
		j.usedBy[target][o.key()] = true
	}
}

func (j *journal) unlink(o *Object) {
	if o == nil {
		return
	}
	delete(j.everything, o.key())
	for _, h := range o.handles() {
		if key := keyOf(o.scope(), o.Type, h); j.byHandle[key] == o {
			delete(j.byHandle, key)
		}
	}
	for _, r := range o.References {
		delete(j.usedBy[r.key(o.scope())], o.key())
	}
}
