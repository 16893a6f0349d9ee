package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
)

// stackFirst adds commands whose names come after the stack that they are for: slipway secrets STACK set NAME. Cobra knows them the other way
// round, which inOrder makes of it.
func stackFirst(group *cobra.Command, commands ...*cobra.Command) {
	var forms []string
	for _, command := range commands {
		forms = append(forms, command.Use)
		takes := strings.Fields(command.Use)
		line := strings.Join(append([]string{"slipway", group.Name(), "STACK"}, takes...), " ")
		command.SetUsageTemplate(strings.ReplaceAll(command.UsageTemplate(), "{{.UseLine}}", line+" [flags]"))
		command.Args = func(_ *cobra.Command, args []string) error {
			if len(args) != len(takes) { // the stack is one more, the command's name one less
				return &localrun.UsageError{Err: fmt.Errorf("slipway %s %s: accepts %d arg(s), received %d; usage: %s", group.Name(), takes[0], len(takes), len(args), line)}
			}
			return nil
		}
		command.ValidArgsFunction = cobra.NoFileCompletions
		group.AddCommand(command)
	}
	group.SetUsageTemplate(strings.ReplaceAll(group.UsageTemplate(), "{{.CommandPath}} [command]", "slipway "+group.Name()+" STACK "+strings.Join(forms, "|")))
	group.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return &localrun.UsageError{Err: fmt.Errorf("slipway %s takes a stack and then %s; see slipway %[1]s --help", group.Name(), strings.Join(forms, ", "))}
	}
	group.RunE = showHelp
	group.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		switch len(args) {
		case 0:
			return stackNames("."), cobra.ShellCompDirectiveNoFileComp
		case 1:
			return namesOf(group), cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

func namesOf(group *cobra.Command) (names []string) {
	for _, command := range group.Commands() {
		names = append(names, command.Name())
	}
	return names
}

// inOrder puts the stack behind the command for cobra.
func inOrder(root *cobra.Command, args []string) []string {
	at := 0
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		at = 1
	}
	if len(args) <= at || args[at] != "secrets" {
		return args
	}
	group, _, err := root.Find([]string{"secrets"})
	if err != nil {
		return args
	}
	var operands []int // where arguments are that are no flags
	for i := at + 1; i < len(args); i++ {
		switch {
		case args[i] == "-C" || args[i] == "--cwd":
			i++
		case args[i] == "" || args[i][0] != '-':
			operands = append(operands, i)
		}
	}
	if len(operands) < 2 {
		return args
	}
	stack, command := operands[0], operands[1]
	names := namesOf(group)
	if slices.Contains(names, args[command]) && !slices.Contains(names, args[stack]) {
		args = slices.Clone(args)
		args[stack], args[command] = args[command], args[stack]
	}
	return args
}
