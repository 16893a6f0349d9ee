package localrun

import (
	"slices"
	"strings"
	"testing"
)

// FuzzInvocation gives arguments as a shell passes them, one a line. What is read of them is there, and they reach pulumi as they are.
func FuzzInvocation(f *testing.F) {
	for _, seed := range []string{"up\n-s\nstaging\n--yes", "stack\ninit\n-s=a/b/c\n--\n-x", "-C\ndir\npreview\n--diff", "config\nset\n--stack\nprod\nwebCpu\n512", "--stack=\nup", "-syf", "--\nup",
		"--refresh\nup", "import\n-f\nx", "up\n-f", "stack\nselect\n-c\nx", "-", "---", "-s", "--yes=perhaps", "up\n-s\n/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		args := strings.Split(text, "\n")
		inv, err := parseInvocation(slices.Clone(args))
		if !slices.Equal(inv.args, args) {
			t.Errorf("%q reach pulumi as %q", args, inv.args)
		}
		if err != nil {
			if !strings.HasPrefix(err.Error(), "pulumi") {
				t.Errorf("the refusal does not say of what: %v", err)
			}
			return
		}
		if inv.operand != "" && !slices.Contains(args, inv.operand) {
			t.Errorf("%q have the operand %q", args, inv.operand)
		}
		if strings.Contains(inv.stack, "/") {
			t.Errorf("%q name the stack %q, which cannot be in the name of a file", args, inv.stack)
		}
		with := inv.with("--local")
		if i := slices.Index(with, "--local"); len(with) != len(args)+1 || slices.Contains(with[:i], "--") && !slices.Contains(args, "--local") {
			t.Errorf("%q with a flag more are %q", args, with)
		}
		// A second word that is no flag makes no other command of it.
		again, err := parseInvocation(append([]string{"--non-interactive"}, args...))
		if err != nil || again.command != inv.command || again.stack != inv.stack || again.operand != inv.operand {
			t.Errorf("behind another flag, %q are %q %q %q, not %q %q %q: %v", args, again.command, again.operand, again.stack, inv.command, inv.operand, inv.stack, err)
		}
	})
}
