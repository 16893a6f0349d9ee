package tasklog

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"slipway/internal/operate"
)

// Event is a line of a log.
type Event struct {
	Time time.Time `json:"time"`
	// Service is the name that people use; Container and Task tell where in it.
	Service   string `json:"service"`
	Container string `json:"container"`
	Task      string `json:"task"`
	Message   string `json:"message"`

	id       string
	ingested int64
}

// newEvent reads a stream's name as the log driver of ECS makes it: PREFIX/CONTAINER/TASK.
func newEvent(service string, event types.FilteredLogEvent) Event {
	e := Event{
		Time:    time.UnixMilli(aws.ToInt64(event.Timestamp)).UTC(),
		Service: service, Message: strings.TrimRight(aws.ToString(event.Message), "\r\n"),
		id: aws.ToString(event.EventId), ingested: aws.ToInt64(event.IngestionTime),
	}
	parts := strings.Split(aws.ToString(event.LogStreamName), "/")
	if e.Task = parts[len(parts)-1]; len(parts) > 2 {
		e.Container = parts[len(parts)-2]
	}
	return e
}

// byTime orders events; what is of the same millisecond stays in the order in which it came.
func byTime(a, b Event) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ingested, b.ingested), strings.Compare(a.id, b.id))
}

// Printer writes events, one a line.
type Printer struct {
	Out io.Writer
	// JSON writes each as an object. Colour tells tasks apart on a terminal, where no message may move the cursor either.
	JSON, Colour, Terminal bool
	// Applications are the names of the services' own containers, which go without saying.
	Applications map[string]string
}

// Print writes one.
func (p *Printer) Print(e Event) error {
	if p.JSON {
		encoder := json.NewEncoder(p.Out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(e)
	}
	from := e.Service
	if e.Container != "" && e.Container != p.Applications[e.Service] {
		from += "/" + e.Container
	}
	from += " " + operate.ShortID(e.Task)
	if p.Colour {
		from = fmt.Sprintf("\x1b[%dm%s\x1b[0m", colour(e.Task), from)
	}
	message := e.Message
	if p.Terminal {
		message = Printable(message)
	}
	_, err := fmt.Fprintf(p.Out, "%s %s %s\n", e.Time.Format("2006-01-02T15:04:05.000Z"), from, message)
	return err
}

// colour is one of the six that are readable on black and on white.
func colour(task string) int {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(task)) // never fails
	return 31 + int(hash.Sum32()%6)
}

// Printable is a message without what would have a terminal do something: whoever can have a line logged could.
func Printable(message string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && r != '\n' && unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, message)
}
