package localserve

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// console writes the lines of several writers, each with its prefix in front.
type console struct {
	mu     sync.Mutex
	out    io.Writer // what containers write
	err    io.Writer // what is said about them
	colour bool
	width  int
	given  int // colours that were given out
}

// The colours of prefixes, one after the other: those that can be read on dark and on light.
var palette = []int{36, 33, 35, 32, 34, 96, 93, 95, 92, 94}

// say tells the user something.
func (c *console) say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	if c.colour {
		fmt.Fprintf(c.err, "\x1b[1mslipway:\x1b[0m %s\n", text)
		return
	}
	fmt.Fprintf(c.err, "slipway: %s\n", text)
}

// reserve makes all prefixes as wide as the widest.
func (c *console) reserve(prefixes ...string) {
	for _, p := range prefixes {
		c.width = max(c.width, len(p))
	}
}

// stream is a writer whose lines get the prefix. The last one is written when it is closed, even if it has no end.
func (c *console) stream(prefix string) *stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &stream{console: c, before: fmt.Sprintf("%-*s | ", c.width, prefix)}
	if c.colour {
		s.before = fmt.Sprintf("\x1b[%dm%s\x1b[0m", palette[c.given%len(palette)], s.before)
		c.given++
	}
	return s
}

// longestLine is what is kept of a line that does not end.
const longestLine = 1 << 20

type stream struct {
	console *console
	before  string
	line    []byte // that has not ended yet
}

// Write implements io.Writer.
func (s *stream) Write(data []byte) (int, error) {
	s.console.mu.Lock()
	defer s.console.mu.Unlock()
	s.line = append(s.line, data...)
	for {
		end := bytes.IndexByte(s.line, '\n')
		if end < 0 && len(s.line) < longestLine {
			return len(data), nil
		}
		if end < 0 {
			end = len(s.line)
		}
		s.flush(s.line[:end])
		s.line = s.line[min(end+1, len(s.line)):]
	}
}

// Close implements io.Closer.
func (s *stream) Close() error {
	s.console.mu.Lock()
	defer s.console.mu.Unlock()
	if len(s.line) == 0 {
		return nil
	}
	s.flush(s.line)
	s.line = nil
	return nil
}

// flush writes a line. Whether anybody reads it is no reason not to read on what a container writes.
func (s *stream) flush(line []byte) {
	fmt.Fprintf(s.console.out, "%s%s\n", s.before, bytes.TrimSuffix(line, []byte("\r")))
}
