package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
	"slipway/internal/state"
)

// stateReport is what a command that reads an exported state writes, as text or as JSON of itself or as Markdown.
type stateReport interface {
	WriteText(io.Writer) error
	Markdown() string
}

// reportFlags are the flags of such a command.
type reportFlags struct {
	files          []string
	json, markdown bool
}

func (f *reportFlags) addTo(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.files, "state", []string{"-"}, "the file that pulumi stack export has written; - is standard input")
	cmd.Flags().BoolVar(&f.json, "json", false, "write JSON")
	cmd.Flags().BoolVar(&f.markdown, "markdown", false, "write Markdown, as the documents have it")
}

// read reads the one state that was given.
func (f *reportFlags) read(cmd *cobra.Command) (*state.State, error) {
	command := cmd.CommandPath()
	if f.json && f.markdown {
		return nil, &localrun.UsageError{Err: fmt.Errorf("%s: give --json or --markdown, not both", command)}
	}
	if len(f.files) != 1 {
		return nil, &localrun.UsageError{Err: fmt.Errorf("%s: --state was given %d times, takes one file; run it once for each stack", command, len(f.files))}
	}
	in := cmd.InOrStdin()
	if name := f.files[0]; name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", command, err)
		}
		defer file.Close()
		in = file
	} else if isTerminal(in) {
		return nil, &localrun.UsageError{Err: errors.New(command + ": give a state, as in pulumi stack export -s prod | " + command)}
	}
	s, err := state.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", command, nameOf(f.files[0]), err)
	}
	if s.Interrupted > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "slipway: an update of %s was interrupted; what it was making is not in this report: run pulumi refresh first\n", s.Stack)
	}
	return s, nil
}

func nameOf(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
}

// write writes a report in the form that was asked for.
func (f *reportFlags) write(w io.Writer, r stateReport) error {
	switch {
	case f.json:
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(r)
	case f.markdown:
		_, err := io.WriteString(w, r.Markdown())
		return err
	}
	return r.WriteText(w)
}
