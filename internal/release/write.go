package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Write writes a line for each image. The one that runs has a mark.
func Write(w io.Writer, images []Image) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintln(table, "RUNS\tPUSHED\tTAGS\tDIGEST")
	for _, i := range images {
		runs := ""
		if i.Runs {
			runs = "*"
		}
		_, lineErr := fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", runs, i.Pushed.UTC().Format(time.RFC3339), strings.Join(i.Tags, ","), i.Digest)
		err = errors.Join(err, lineErr)
	}
	return errors.Join(err, table.Flush())
}

// WriteJSON writes the images as an array.
func WriteJSON(w io.Writer, images []Image) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(images)
}
