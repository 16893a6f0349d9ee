package gobuild

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// A log gets a line so often while a build lasts: more would fill it, less would look like a hang.
const logInterval = 15 * time.Second

// progress shows that a build goes on. It is written the output of `go build -v`, which is the name of each package
// that is being compiled, and what the compiler has to say.
type progress struct {
	log      io.Writer
	terminal bool
	started  time.Time
	stop     chan struct{}
	stopped  sync.WaitGroup

	mu       sync.Mutex
	partial  []byte
	packages int
	messages strings.Builder
}

func startProgress(log io.Writer, what string) *progress {
	p := &progress{log: log, started: time.Now(), stop: make(chan struct{})}
	interval := logInterval
	if file, ok := log.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.terminal = true
		interval = time.Second
	}
	fmt.Fprintf(log, "slipway: building %s\n", what)
	p.stopped.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-tick.C:
				p.show()
			}
		}
	})
	return p
}

// Write takes the output of `go build -v`.
func (p *progress) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.partial = append(p.partial, data...)
	for {
		line, rest, ok := bytes.Cut(p.partial, []byte("\n"))
		if !ok {
			return len(data), nil
		}
		p.line(string(line))
		p.partial = rest
	}
}

// line counts a package's name and keeps everything else: only messages have spaces.
func (p *progress) line(line string) {
	switch {
	case strings.HasPrefix(line, "go: downloading "):
	case !strings.ContainsAny(line, " \t"):
		p.packages++
	default:
		p.messages.WriteString(line + "\n")
	}
}

func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := fmt.Sprintf("slipway: still building: %s, %d packages", time.Since(p.started).Round(time.Second), p.packages)
	if p.terminal {
		// Write over the line of a second ago.
		fmt.Fprintf(p.log, "\r%s ", text)
		return
	}
	fmt.Fprintln(p.log, text)
}

// end stops the display and returns what the compiler said.
func (p *progress) end(success bool) string {
	close(p.stop)
	p.stopped.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal && time.Since(p.started) >= time.Second {
		fmt.Fprint(p.log, "\r\x1b[K")
	}
	if success {
		fmt.Fprintf(p.log, "slipway: built in %s\n", time.Since(p.started).Round(100*time.Millisecond))
	}
	p.line(string(p.partial))
	return strings.TrimSpace(p.messages.String())
}
