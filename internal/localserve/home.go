package localserve

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// home is the directory in which a stack's local run keeps what it needs: the database, the files of the image, logs.
type home struct {
	dir  string
	lock *os.File
	// former is how the run before this one ran containers, when it was killed.
	former string

	mu     sync.Mutex
	groups []processGroup
}

// processGroup is a group of processes that was started: its leader's id, and when that began, in clock ticks since boot.
type processGroup struct {
	ID    int    `json:"id"`
	Began string `json:"began"`
}

// Running is what a run tells others of itself, while it runs.
type Running struct {
	PID       int       `json:"pid"`
	Mode      string    `json:"mode"`
	Endpoints endpoints `json:"endpoints"`
	// WebURL and SiteURL are where people reach it.
	WebURL  string `json:"webUrl,omitempty"`
	SiteURL string `json:"siteUrl,omitempty"`
	// Image is Docker's, Network the one that the containers are in.
	Image   string `json:"image,omitempty"`
	Network string `json:"network,omitempty"`
}

// homeDir is .local/serve/STACK. As root, everything below it is also for the users postgres and that of the containers; where
// they cannot get there, as to what is in /root, it is beside the temporary files that outlive a boot.
func homeDir(local, stack string) (string, error) {
	dir := filepath.Join(local, "serve", stack)
	if os.Getuid() != 0 {
		return dir, os.MkdirAll(dir, 0o700)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if reachableByAll(dir) {
		return dir, nil
	}
	of := sha256.Sum256([]byte(dir))
	other := filepath.Join("/var/tmp", "slipway-"+hex.EncodeToString(of[:6]))
	if err := os.Mkdir(other, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	var stat syscall.Stat_t
	if err := syscall.Lstat(other, &stat); err != nil || stat.Uid != 0 || stat.Mode&syscall.S_IFMT != syscall.S_IFDIR || stat.Mode&0o022 != 0 {
		return "", fmt.Errorf("%s is to keep what users other than root need, and is not a directory that only root writes", other)
	}
	return other, nil
}

// reachableByAll tells whether every user may go through all directories of the path.
func reachableByAll(dir string) bool {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	for ; ; real = filepath.Dir(real) {
		if info, err := os.Stat(real); err != nil || info.Mode().Perm()&0o005 != 0o005 {
			return false
		}
		if real == filepath.Dir(real) {
			return true
		}
	}
}

// openHome takes the stack for this process, and ends what a former one has left.
func openHome(local, stack string, say func(format string, args ...any)) (*home, error) {
	dir, err := homeDir(local, stack)
	if err != nil {
		return nil, err
	}
	h := &home{dir: dir}
	if h.lock, err = os.OpenFile(h.path("lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(h.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		h.lock.Close()
		at := ""
		if running, err := readRunning(dir); err == nil {
			at = fmt.Sprintf(" by process %d, at %s", running.PID, running.WebURL)
		}
		return nil, fmt.Errorf("the stack %s is being served%s; end that with Ctrl-C or SIGTERM, or serve another stack", stack, at)
	}
	var former Running
	if err := readJSON(h.path("running.json"), &former); err != nil {
		return nil, err
	}
	h.former = former.Mode
	left, err := h.readGroups()
	if err != nil {
		return nil, err
	}
	if n := endGroups(left); n > 0 {
		say("ended %s that a former run, which was killed, had left", plurals(n, "process", "processes"))
	}
	return h, errors.Join(h.forget(), os.RemoveAll(h.path("tasks")))
}

func (h *home) path(name string) string { return filepath.Join(h.dir, name) }

// isTaken tells whether a process has the stack.
func (h *home) isTaken() bool {
	file, err := os.Open(h.path("lock"))
	if err != nil {
		return false
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil
}

// close gives the stack back. Nothing of it runs any more.
func (h *home) close() error {
	return errors.Join(h.forget(), os.RemoveAll(h.path("tasks")), h.lock.Close())
}

func (h *home) forget() error {
	h.groups = nil
	return errors.Join(removeIfThere(h.groupsFile()), removeIfThere(h.path("running.json")))
}

// remember notes a process group down, so that the next run can end it when this one was killed.
func (h *home) remember(id int) error {
	began, _, err := processStat(id)
	if err != nil {
		return nil // it has ended already
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.groups = slices.DeleteFunc(h.groups, func(g processGroup) bool { return len(members(g)) == 0 })
	h.groups = append(h.groups, processGroup{id, began})
	return writeJSON(h.groupsFile(), h.groups)
}

// groupsFile is one for each process that starts some: that which serves, and those that run a command beside it.
func (h *home) groupsFile() string { return h.path(fmt.Sprintf("groups.%d.json", os.Getpid())) }

// readGroups reads what all of them have noted down, and forgets it.
func (h *home) readGroups() (groups []processGroup, err error) {
	files, err := filepath.Glob(h.path("groups.*.json"))
	for _, file := range files {
		var some []processGroup
		err = errors.Join(err, readJSON(file, &some), removeIfThere(file))
		groups = append(groups, some...)
	}
	return groups, err
}

// announce says where everything is.
func (h *home) announce(running Running) error { return writeJSON(h.path("running.json"), running) }

// readRunning reads what a run says of itself. It is an error when there is none.
func readRunning(dir string) (running Running, err error) {
	if err := readJSON(filepath.Join(dir, "running.json"), &running); err != nil {
		return running, err
	}
	if running.PID == 0 || syscall.Kill(running.PID, 0) == syscall.ESRCH {
		return running, fs.ErrNotExist
	}
	return running, nil
}

// endGroups kills what is left of the groups, and returns how many processes that were.
func endGroups(groups []processGroup) int {
	var killed []int
	for _, g := range groups {
		for _, pid := range members(g) {
			if syscall.Kill(pid, syscall.SIGKILL) == nil {
				killed = append(killed, pid)
			}
		}
	}
	for _, pid := range killed {
		awaitEnd(pid)
	}
	return len(killed)
}

// settling is how long what was killed may take to be gone.
const settling = 10 * time.Second

// awaitEnd waits until a process that is about to end is no more, and tells whether it is.
func awaitEnd(pid int) bool {
	for deadline := time.Now().Add(settling); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if syscall.Kill(pid, 0) == syscall.ESRCH {
			return true
		}
	}
	return false
}

// members are the processes of a group. A number may have been given to another process since: its leader then began at
// another time, and is no business of ours.
func members(g processGroup) (pids []int) {
	if began, _, err := processStat(g.ID); err == nil && began != g.Began {
		return nil
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if _, group, err := processStat(pid); err == nil && group == g.ID {
			pids = append(pids, pid)
		}
	}
	return pids
}

// processStat is when a process began, with the boot's id, and its group. Zombies are no processes any more.
func processStat(pid int) (began string, group int, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0, err
	}
	// The name, in parentheses, may have spaces in it.
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return "", 0, fs.ErrNotExist
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", 0, err
	}
	group, err = strconv.Atoi(fields[2])
	return strings.TrimSpace(string(boot)) + " " + fields[19], group, err
}

func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	temp := path + ".new"
	if err := os.WriteFile(temp, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// readJSON leaves v as it is when there is no such file.
func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
