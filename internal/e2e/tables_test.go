package e2e

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/controls"
	"slipway/internal/cost"
)

var update = flag.Bool("update", false, "write the tables in the documents anew")

// TestTheTablesInTheDocuments keeps them what the commands print for the stacks as they are committed.
func TestTheTablesInTheDocuments(t *testing.T) {
	t.Parallel()
	for page, table := range map[string]string{
		"docs/security.md": controls.Markdown(controls.Check(exported(t, "prod"), false), controls.Check(exported(t, "staging"), true)),
		"docs/cost.md":     cost.Markdown(costOf(t, "staging"), costOf(t, "prod")),
	} {
		const begin, end = "<!-- begin generated -->\n", "<!-- end generated -->\n"
		before, rest, found := strings.Cut(read(t, page), begin)
		require.True(t, found, "%s has no %s", page, begin)
		_, after, found := strings.Cut(rest, end)
		require.True(t, found, "%s has no %s", page, end)
		whole := before + begin + "\n" + table + "\n" + end + after
		if *update {
			require.NoError(t, os.WriteFile(filepath.Join(repository, page), []byte(whole), 0o644))
		}
		assert.Equal(t, whole, read(t, page), "run make tables")
	}
}
