package localrun

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// invocation is what a local run must know of pulumi's arguments; the arguments themselves reach pulumi as they are.
type invocation struct {
	args       []string
	command    string // "up", "stack init", "" for none; aliases are resolved
	operand    string // the first argument after the command, for example the name in `stack init NAME`
	stack      string // -s, --stack: the name without organization and project; "" when not given
	configFile string // --config-file
	dir        string // -C, --cwd
	flags      *pflag.FlagSet
}

// Commands that need a second word to be known.
var commandGroups = []string{"stack", "config", "plugin"}

var commandAliases = map[string]string{
	"update": "up", "pre": "preview", "down": "destroy", "dn": "destroy", "completion": "gen-completion",
	"stack new": "stack init", "stack remove": "stack rm",
	"config remove": "config rm", "config remove-all": "config rm-all", "config copy": "config cp",
}

// parseInvocation reads pulumi's arguments. Flags that are not known here are pulumi's affair.
func parseInvocation(args []string) (invocation, error) {
	inv := invocation{args: args}
	words, err := commandWords(args)
	if err != nil {
		return inv, err
	}
	if len(words) > 0 {
		inv.command = alias(words[0])
	}
	if slices.Contains(commandGroups, inv.command) && len(words) > 1 {
		inv.command = alias(inv.command + " " + words[1])
	}
	inv.flags = pulumiFlags(inv.command)
	if err := inv.flags.Parse(args); err != nil {
		return inv, fmt.Errorf("pulumi %s: %w", inv.command, err)
	}
	if operands := inv.flags.Args(); len(operands) > len(strings.Fields(inv.command)) {
		inv.operand = operands[len(strings.Fields(inv.command))]
	}
	inv.stack = stackName(inv.value("stack"))
	inv.configFile = inv.value("config-file")
	inv.dir = inv.value("cwd")
	return inv, nil
}

func alias(command string) string {
	if name, ok := commandAliases[command]; ok {
		return name
	}
	return command
}

// stackName is the last part of "staging", "project/staging" or "organization/project/staging". What has no part is no name, and
// pulumi refuses it.
func stackName(reference string) string {
	if strings.Trim(reference, "/") == "" {
		return ""
	}
	return path.Base(reference)
}

// commandWords are the arguments that are neither flags nor their values, as far as the flags are known before the
// command is: those that every command takes, and the ones that most of them share.
func commandWords(args []string) ([]string, error) {
	flags := pulumiFlags("")
	if err := flags.Parse(args); err != nil {
		return nil, fmt.Errorf("pulumi: %w", err)
	}
	return flags.Args(), nil
}

// pulumiFlags declares the flags by which the arguments of a command are told apart from flags and their values.
func pulumiFlags(command string) *pflag.FlagSet {
	flags := pflag.NewFlagSet("pulumi", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}

	for name, shorthand := range map[string]string{
		"help": "h", "yes": "y", "json": "j", "emoji": "e", "fully-qualify-stack-names": "Q", "debug": "d",
		"diff": "", "force": "", "remove": "", "remove-backups": "", "preserve-config": "", "no-select": "",
		"non-interactive": "", "logtostderr": "", "logflow": "", "disable-integrity-checking": "", "secret": "",
		"show-secrets": "", "show-urns": "u", "show-ids": "i", "path": "", "remote": "", "preview-only": "",
		"expect-no-changes": "", "suppress-outputs": "", "all": "a", "version": "",
	} {
		flags.BoolP(name, shorthand, false, "")
	}
	for name, shorthand := range map[string]string{
		"cwd": "C", "verbose": "v", "color": "", "tracing": "", "profiling": "", "memprofilerate": "", "otel-traces": "",
		"stack": "s", "config-file": "", "message": "m", "parallel": "p", "out": "o", "target": "t", "exclude": "x",
		"secrets-provider": "", "copy-config-from": "", "teams": "",
	} {
		flags.StringP(name, shorthand, "", "")
	}
	flags.StringP("refresh", "r", "", "")
	flags.Lookup("refresh").NoOptDefVal = "true"

	// Three shorthands mean different things in different commands.
	switch command {
	case "stack select":
		flags.BoolP("create", "c", false, "")
	default:
		flags.StringP("config", "c", "", "")
	}
	switch command {
	case "import":
		flags.StringP("file", "f", "", "")
	default:
		flags.BoolP("skip-preview", "f", false, "")
	}
	return flags
}

func (inv invocation) value(flag string) string {
	value, _ := inv.flags.GetString(flag)
	return value
}

// has tells whether a flag without a value is set.
func (inv invocation) has(flag string) bool {
	set, _ := inv.flags.GetBool(flag)
	return set
}

// is tells whether the command is one of those.
func (inv invocation) is(commands ...string) bool {
	return slices.Contains(commands, inv.command)
}

// with adds flags behind all others, because the last one counts, but before what follows "--".
func (inv invocation) with(flags ...string) []string {
	end := slices.Index(inv.args, "--")
	if end < 0 {
		end = len(inv.args)
	}
	return slices.Concat(inv.args[:end], flags, inv.args[end:])
}
