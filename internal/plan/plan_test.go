package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/compare/report"
)

// read reads a preview that the CLI printed; internal/compare/testdata/README.md says for which edits.
func read(t *testing.T, name string) Summary {
	t.Helper()
	preview, err := os.ReadFile(filepath.Join("..", "compare", "testdata", name+".json"))
	require.NoError(t, err)
	summary, err := Read("prod", preview)
	require.NoError(t, err)
	return summary
}

func written(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, write(&text))
	return text.String()
}

func TestSummaryShowsWhatHurtsFirst(t *testing.T) {
	t.Parallel()
	summary := read(t, "database")
	summary.Commit, summary.Image = "0123456789abcdef", "example.com/app@sha256:<1>"
	assert.Positive(t, summary.DataLoss())
	assert.Equal(t, len(summary.Replaced)+len(summary.Deleted)+len(summary.Created)+len(summary.Updated), summary.Changes)
	assert.Regexp(t, `^\d+ replaced`, summary.Counts)
	for name, write := range map[string]func(io.Writer) error{
		"text": summary.WriteText, "Markdown": summary.WriteMarkdown, "HTML": summary.WriteHTML,
	} {
		text := written(t, write)
		first, update := strings.Index(text, "Cluster"), strings.LastIndex(text, "ServiceRule")
		require.Positive(t, first, name)
		if update > 0 {
			assert.Less(t, first, update, name)
		}
		assert.Contains(t, text, "holds data", name)
	}
	page := written(t, summary.WriteHTML)
	assert.Contains(t, page, "sha256:&lt;1&gt;", "nothing in it is taken for HTML")
	assert.NotContains(t, page, "<script")
	assert.NotRegexp(t, `(src|href)=`, page, "nothing else is loaded")

	again, err := ReadSummary(strings.NewReader(written(t, summary.WriteJSON)))
	require.NoError(t, err)
	require.NoError(t, summary.Check(again))
	_, err = ReadSummary(strings.NewReader("{}"))
	require.ErrorContains(t, err, "names no stack")
}

func TestSummaryWithoutChanges(t *testing.T) {
	t.Parallel()
	summary := read(t, "unchanged")
	assert.Zero(t, summary.Changes)
	assert.Regexp(t, `^no changes, \d+ unchanged$`, summary.Counts)
	assert.Contains(t, written(t, summary.WriteHTML), "Nothing changes.")
	assert.Contains(t, written(t, summary.WriteJSON), `"changes": 0`)
}

func TestSummaryHidesSecrets(t *testing.T) {
	t.Parallel()
	summary := read(t, "secret")
	for _, write := range []func(io.Writer) error{summary.WriteText, summary.WriteMarkdown, summary.WriteHTML, summary.WriteJSON} {
		text := written(t, write)
		assert.NotContains(t, text, "ciphertext")
		assert.Contains(t, text, "secret")
	}
}

func TestReadRefusesWhatIsNoPlan(t *testing.T) {
	t.Parallel()
	_, err := Read("prod", []byte("error: no stack"))
	require.ErrorContains(t, err, "not what pulumi preview --json prints")
	refused, err := os.ReadFile("../compare/testdata/wrong.json")
	require.NoError(t, err)
	_, err = Read("prod", refused)
	require.ErrorContains(t, err, "the preview of prod was refused: ")
}

// preview is what pulumi prints for one step.
func preview(op, name string, old, new map[string]any, reasons ...string) []byte {
	text, err := json.Marshal(map[string]any{"steps": []any{map[string]any{
		"op": op, "urn": "urn:pulumi:prod::shop::" + name,
		"oldState": map[string]any{"inputs": old}, "newState": map[string]any{"inputs": new}, "diffReasons": reasons,
	}}})
	if err != nil {
		panic(err)
	}
	return text
}

// The role of a provider differs between plan and state as often as not, and nothing on AWS changes with it.
func TestProvidersRoleIsNoChange(t *testing.T) {
	t.Parallel()
	const provider = "pulumi:providers:aws::default"
	old := map[string]any{"region": "us-east-1", "assumeRole": `{"roleArn":"deploy"}`}
	role := map[string]any{"region": "us-east-1", "assumeRole": `{"roleArn":"plan"}`}
	region := map[string]any{"region": "us-west-2", "assumeRole": `{"roleArn":"plan"}`}
	for changes, new := range []map[string]any{role, region} {
		summary, err := Read("prod", preview("update", provider, old, new, "assumeRole"))
		require.NoError(t, err)
		assert.Equal(t, changes, summary.Changes)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const service, role = "aws:ecs/service:Service::web", "slipway:index:Web$aws:iam/role:Role::task-role"
	count := func(from, to int) []byte {
		return preview("update", service, map[string]any{"desiredCount": from}, map[string]any{"desiredCount": to})
	}
	named := func(name string) []byte {
		inputs := map[string]any{"name": name, "__defaults": []string{"name"}}
		return preview("create", role, nil, inputs)
	}
	uses := func(name string) []byte {
		var both struct{ Steps []any }
		for _, part := range [][]byte{named(name), preview("update", service, map[string]any{"role": "x"}, map[string]any{"role": "arn/" + name})} {
			var one struct{ Steps []any }
			if err := json.Unmarshal(part, &one); err != nil {
				panic(err)
			}
			both.Steps = append(both.Steps, one.Steps...)
		}
		text, err := json.Marshal(both)
		if err != nil {
			panic(err)
		}
		return text
	}
	none := []byte(`{"steps": []}`)
	for _, test := range []struct {
		name         string
		planned, now []byte
		want         []string // "" for one that fits
	}{
		{"the same", count(1, 2), count(1, 2), nil},
		{"nothing", none, none, nil},
		{"another value before", count(1, 2), count(3, 2), []string{"aws:ecs/service:Service web", "planned: update (desiredCount: 1 -> 2)", "now:     update (desiredCount: 3 -> 2)"}},
		{"applied already", count(1, 2), none, []string{"planned: update (desiredCount: 1 -> 2)", "now:     no change"}},
		{"drift", none, named("task-role-0000001"), []string{"aws:iam/role:Role task-role", "planned: no change", "now:     create", "Nothing was changed", "new plan"}},
		{"another action", count(1, 2), preview("delete", service, map[string]any{"desiredCount": 1}, nil), []string{"now:     delete"}},
		{"another name that was made up", uses("task-role-0000001"), uses("task-role-abcdef2"), nil},
		{"another name that was given", uses("one"), uses("two"), []string{`"arn/two"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			planned, err := Read("prod", test.planned)
			require.NoError(t, err)
			now, err := Read("prod", test.now)
			require.NoError(t, err)
			saved, err := ReadSummary(strings.NewReader(written(t, planned.WriteJSON)))
			require.NoError(t, err)
			err = saved.Check(now)
			if test.want == nil {
				require.NoError(t, err)
			}
			for _, words := range test.want {
				require.ErrorContains(t, err, words)
			}
		})
	}
	prod := Summary{Stack: report.Stack{Name: "prod"}, Image: "a"}
	require.ErrorContains(t, prod.Check(Summary{Stack: report.Stack{Name: "staging"}}), "is for the stack prod, not for staging")
	require.ErrorContains(t, prod.Check(Summary{Stack: report.Stack{Name: "prod"}, Image: "b"}), `for the image "a", and this is a release of "b"`)
}

func TestToApplyChangesTheProvidersRoleAlone(t *testing.T) {
	t.Parallel()
	const planRole, deployRole = "arn:aws:iam::123456789012:role/plan", "arn:aws:iam::123456789012:role/deploy"
	plan := func(role string) string {
		return fmt.Sprintf(`{"config":{"a":1},"resourcePlans":{"urn:pulumi:prod::shop::aws:iam/role:Role::x":{"arn":%q},"urn:pulumi:prod::shop::pulumi:providers:aws::default":{"goal":{"assumeRole":%q,"other":%q}},"urn:pulumi:prod::shop::shop:index:Site$pulumi:providers:aws::us":{"goal":{"assumeRole":{"roleArn":%q}}}}}`,
			planRole, `{"roleArn":"`+role+`"}`, planRole+"-2", role)
	}
	got, err := ToApply([]byte(plan(planRole)), planRole, deployRole)
	require.NoError(t, err)
	assert.JSONEq(t, plan(deployRole), string(got))
	for _, roles := range [][2]string{{planRole, planRole}, {"", deployRole}, {planRole, ""}} {
		got, err = ToApply([]byte(plan(planRole)), roles[0], roles[1])
		require.NoError(t, err)
		assert.JSONEq(t, plan(planRole), string(got))
	}
	for _, wrong := range []string{"", "[]", "{}"} {
		_, err = ToApply([]byte(wrong), planRole, deployRole)
		assert.ErrorContains(t, err, "not a plan that pulumi has saved", wrong)
	}
}

// TestToApplyLeavesOpenWhatIsMadeUpAnew has a generated password, which is another one when the plan is applied.
func TestToApplyLeavesOpenWhatIsMadeUpAnew(t *testing.T) {
	t.Parallel()
	plan := func(password string) string {
		return fmt.Sprintf(`{"resourcePlans":{
			"urn:pulumi:prod::shop::aws:secretsmanager/secretVersion:SecretVersion::new":{"goal":{"inputDiff":{"adds":{"secretId":"a","secretString":%s}},"ignoreChanges":["secretString","other"]},"steps":["create"],"seed":"x"},
			"urn:pulumi:prod::shop::aws:secretsmanager/secretVersion:SecretVersion::there":{"goal":{"inputDiff":{},"ignoreChanges":["secretString"]},"steps":["same"]},
			"urn:pulumi:prod::shop::aws:secretsmanager/secretVersion:SecretVersion::fixed":{"goal":{"inputDiff":{"adds":{"secretString":"fixed"}}},"steps":["create"]},
			"urn:pulumi:prod::shop::aws:sqs/queue:Queue::gone":{"steps":["delete"]}}}`, password)
	}
	got, err := ToApply([]byte(plan(`{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","ciphertext":"v1:a:b"}`)), "", "")
	require.NoError(t, err)
	assert.JSONEq(t, plan(`"04da6b54-80e4-46f7-96ec-b56ff0331ba9"`), string(got))
}
