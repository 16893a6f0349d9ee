package doctor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReport(t *testing.T) {
	t.Parallel()
	report := &Report{}
	report.add(OK, "go", "1.26.1", "")
	report.add(Missing, "stack", "it is not there", "slipway bootstrap")
	report.add(Unknown, "quota", "not allowed", "")
	report.optional(Missing, "plugin", "not on PATH", "install it")
	var plainText, coloured strings.Builder
	require.NoError(t, report.Write(&plainText, false))
	assert.Equal(t, ""+
		"ok       go      1.26.1\n"+
		"missing  stack   it is not there\n"+
		"                 next: slipway bootstrap\n"+
		"unknown  quota   not allowed\n"+
		"missing  plugin  not on PATH (optional)\n"+
		"                 next: install it\n", plainText.String())
	require.NoError(t, report.Write(&coloured, true))
	for status, colour := range map[string]string{"ok     ": green, "missing": red, "unknown": yellow} {
		assert.Contains(t, coloured.String(), colour+status+plain)
	}
	assert.Contains(t, coloured.String(), yellow+"missing"+plain+"  plugin", "what is optional is no alarm")
	assert.Equal(t, 1, report.Failing(), "what is optional or not known does not count")
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version, least string
		older          bool
	}{
		{"1.26.0", "1.26.0", false}, {"1.26", "1.26.0", false}, {"1.25.9", "1.26.0", true}, {"3.250.0", "3.249.12", false}, {"3.9.0", "3.250.0", true},
		{"1.26.0", "", false}, {"some", "1.0.0", false},
	} {
		assert.Equal(t, test.older, isOlder(test.version, test.least), "%s and %s", test.version, test.least)
	}
}
