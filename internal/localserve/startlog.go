package localserve

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// loopback is where everything listens that containers of Docker do not have to reach.
const loopback = "127.0.0.1"

// patience is how long PostgreSQL and moto may take to start.
const patience = time.Minute

// startLog is the log of a server: a file, in which a text says that the server is ready.
type startLog struct {
	path  string
	ready string

	mu    sync.Mutex
	file  *os.File
	seen  []byte        // until it is ready
	found chan struct{} // closed when it is
}

func newStartLog(path, ready string) (*startLog, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &startLog{path: path, ready: ready, file: file, found: make(chan struct{})}, nil
}

// Write implements io.Writer.
func (l *startLog) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.found:
	default:
		l.seen = append(l.seen, data...)
		// The whole line: what follows the text is looked at.
		if at := bytes.Index(l.seen, []byte(l.ready)); at >= 0 && bytes.IndexByte(l.seen[at:], '\n') >= 0 {
			close(l.found)
		}
	}
	return l.file.Write(data)
}

// wait returns the rest of the line that says that the server is ready.
func (l *startLog) wait(ctx context.Context, p *process, what string) (rest string, err error) {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-l.found:
		l.mu.Lock()
		defer l.mu.Unlock()
		_, after, _ := strings.Cut(string(l.seen), l.ready)
		rest, _, _ = strings.Cut(after, "\n")
		return strings.TrimSpace(rest), nil
	case <-p.done:
		err = fmt.Errorf("%s does not start", what)
	case <-timeout.C:
		err = fmt.Errorf("%s did not start within %s", what, patience)
	case <-ctx.Done():
		return "", ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return "", fmt.Errorf("%w:\n%s\n(%s)", err, bytes.TrimSpace(l.seen), l.path)
}

// stopProcess asks a process to end, and kills it when it does not within that time.
func stopProcess(p *process, with syscall.Signal, within time.Duration) {
	p.signal(with)
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	select {
	case <-p.done:
	case <-timeout.C:
		p.kill()
		<-p.done
	}
}
