package localaws

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	rulesPath = "../../docs/rules.md"
	ruleCount = 93
)

var update = flag.Bool("update", false, "write docs/rules.md anew")

// rule is something that AWS refuses. Its cases show that the embedded AWS refuses it too, and nothing that is just inside.
type rule struct {
	number int
	// says is the rule, and why its reason.
	says, why string
	cases     []ruleCase
	// never says what of the rule cannot happen, because AWS's provider does not let it.
	never string
	// absent are the modules of types that the rule is about and the catalogue does not have.
	absent []string
}

// ruleCase is one thing that is refused.
type ruleCase struct {
	name string
	// code is AWS's, and about a part of the message that says what is wrong.
	code, about string
	enforcement
}

// enforcement is when a type is refused, and how to have it refused and accepted.
type enforcement struct {
	phase, typ string
	try        func(e *embedded) (refused, accepted error)
}

// phases are when a rule is enforced, in the order of a deployment.
var phases = []string{"preview", "create", "update", "delete"}

// inPreview is a refusal by Check: the inputs alone say that AWS will not take them.
func inPreview(typ string, refused, accepted map[string]any) enforcement {
	return enforcement{"preview", typ, func(e *embedded) (error, error) {
		_, failures := e.check(typ, "refused", refused)
		require.LessOrEqual(e.t, len(failures), 1, "one mistake, one refusal: %q", failures)
		_, none := e.check(typ, "accepted", accepted)
		return asError(failures), asError(none)
	}}
}

func asError(failures []string) error {
	if len(failures) == 0 {
		return nil
	}
	return errors.New(strings.Join(failures, "\n"))
}

// onCreate is a refusal for what other objects are; world makes those and returns inputs that are refused and inputs that are not.
func onCreate(typ string, world func(*embedded) (refused, accepted map[string]any)) enforcement {
	return enforcement{"create", typ, func(e *embedded) (error, error) {
		refused, accepted := world(e)
		_, no := e.tryCreate(typ, "refused", refused)
		_, yes := e.tryCreate(typ, "accepted", accepted)
		return no, yes
	}}
}

// onUpdate is a refusal to change an object.
func onUpdate(typ string, world func(*embedded) (object *deployed, refused, accepted map[string]any)) enforcement {
	return enforcement{"update", typ, func(e *embedded) (error, error) {
		object, refused, accepted := world(e)
		no := object.update(refused)
		return no, object.update(accepted)
	}}
}

// onDelete is a refusal to delete an object, until release lets it go.
func onDelete(typ string, world func(*embedded) (held *deployed, release func() error)) enforcement {
	return enforcement{"delete", typ, func(e *embedded) (error, error) {
		held, release := world(e)
		no := held.delete()
		require.NoError(e.t, release())
		return no, held.delete()
	}}
}

// limited are the cases of a number that has to be from low to high.
func limited(code, typ string, base map[string]any, property string, low, high int) []ruleCase {
	value := func(n int) map[string]any { return setting(base, property, n) }
	one := func(refused, accepted int) ruleCase {
		return ruleCase{fmt.Sprintf("%s of %d", property, refused), code, property, inPreview(typ, value(refused), value(accepted))}
	}
	return []ruleCase{one(low-1, low), one(high+1, high)}
}

// setting is a copy of inputs with a value at a dotted path; nil takes it out.
func setting(inputs map[string]any, at string, value any) map[string]any {
	head, rest, nested := strings.Cut(at, ".")
	if !nested {
		return with(inputs, map[string]any{head: value})
	}
	inner, _ := inputs[head].(map[string]any)
	return with(inputs, map[string]any{head: setting(inner, rest, value)})
}

// ruleSections are all the rules, by service.
var ruleSections = []struct {
	heading string
	rules   []rule
}{
	{"Network", networkRules},
	{"Load balancers", balancerRules},
	{"ECS", ecsRules},
	{"Scaling and alarms", scalingRules},
	{"SQS", queueRules},
	{"Aurora", databaseRules},
	{"S3 and CloudFront", siteRules},
	{"ECR, logs, secrets, keys and IAM", accountRules},
	{"Delivery", deliveryRules},
	{"DNS and others", otherRules},
}

// TestRules has AWS's answer given for every case of every rule, and the value just inside taken.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, section := range ruleSections {
		for _, r := range section.rules {
			t.Run(fmt.Sprint(r.number), func(t *testing.T) {
				t.Parallel()
				for _, c := range r.cases {
					t.Run(c.name, func(t *testing.T) {
						t.Parallel()
						refused, accepted := c.try(newEmbedded(t))
						require.Error(t, refused)
						assert.Regexp(t, `\b`+c.code+`\b`, refused.Error(), "AWS's code")
						if c.phase != "preview" {
							assert.ErrorContains(t, refused, "api error "+c.code+": ")
						}
						assert.ErrorContains(t, refused, c.about)
						assert.NoError(t, accepted, "just inside")
					})
				}
			})
		}
	}
}

// TestEveryRuleIsSpokenOf has each number once, in order, with its reason, and with cases or the reason why there are none.
func TestEveryRuleIsSpokenOf(t *testing.T) {
	t.Parallel()
	next := 1
	for _, section := range ruleSections {
		for _, r := range section.rules {
			assert.Equal(t, next, r.number)
			next++
			assert.NotEmpty(t, r.says, r.number)
			assert.NotEmpty(t, r.why, r.number)
			assert.False(t, len(r.cases) == 0 && len(r.absent) == 0, "rule %d has neither a case nor a type that is not here", r.number)
			for _, module := range r.absent {
				for token := range catalogue {
					assert.False(t, strings.HasPrefix(token, "aws:"+module+"/"), "the catalogue has %s now: rule %d needs cases", token, r.number)
				}
			}
			names := map[string]bool{}
			for _, c := range r.cases {
				assert.Contains(t, catalogue, c.typ, "%d: %s", r.number, c.name)
				assert.NotEmpty(t, c.about, "%d: %s", r.number, c.name)
				assert.False(t, names[c.name], "%d: %s twice", r.number, c.name)
				names[c.name] = true
			}
		}
	}
	assert.Equal(t, ruleCount, next-1)
}

// TestEveryServiceHasACodeForWrongValues: what AWS's own validation refuses has a code that can be looked up.
func TestEveryServiceHasACodeForWrongValues(t *testing.T) {
	t.Parallel()
	services := map[string]bool{}
	for token, k := range catalogue {
		if strings.HasPrefix(token, "aws:") {
			services[k.service] = true
			assert.Contains(t, invalidValue, k.service, token)
		}
	}
	for service := range invalidValue {
		assert.True(t, services[service], "no type is of the service %s", service)
	}
}

// TestRulesAreUpToDate keeps docs/rules.md what the table says.
func TestRulesAreUpToDate(t *testing.T) {
	t.Parallel()
	rendered := renderRules()
	if *update {
		require.NoError(t, os.WriteFile(rulesPath, []byte(rendered), 0o644))
	}
	committed, err := os.ReadFile(rulesPath)
	require.NoError(t, err)
	assert.True(t, rendered == string(committed), "docs/rules.md is another than the table; run go test ./internal/localaws -update")
}

const rulesIntroduction = `<!-- Generated from internal/localaws/rules_*_test.go by: go test ./internal/localaws -update -->

# What the embedded AWS refuses

AWS refuses some resources only when they are deployed. The [embedded AWS](embedded-aws.md) refuses them too: in a preview, where the
values are known and no other object matters, and else when the resource is created, updated or deleted. The message has AWS's error
code, which can be looked up.

There are %d rules. %d are about types that the embedded AWS does not have yet; each of the others has cases, which are its tests: a
resource that is refused and one, just inside, that is taken. There are %d. Those of rule 20:

    go test ./internal/localaws -run 'TestRules/^20$' -v

The tables are not all that AWS refuses, and the embedded AWS refuses more than they have: properties that do not exist, references to
what does not, and more of the same services.
`

func renderRules() string {
	var page, tables strings.Builder
	cases, without := 0, 0
	for _, section := range ruleSections {
		fmt.Fprintf(&tables, "\n## %s\n\n| Rule | AWS refuses | With | Types | In | Why | Test |\n|---|---|---|---|---|---|---|\n", section.heading)
		for _, r := range section.rules {
			cases += len(r.cases)
			if len(r.cases) == 0 {
				without++
			}
			says := r.says
			if r.never != "" {
				says += " *In part it cannot happen: " + r.never + "*"
			}
			if len(r.absent) > 0 {
				says += " *Not yet: no type of " + strings.Join(r.absent, ", ") + " is in the catalogue.*"
			}
			fmt.Fprintf(&tables, "| %d | %s | %s | %s | %s | %s | %s |\n", r.number, cell(says), r.list("`%s`", func(c ruleCase) string { return c.code }),
				r.list("`%s`", func(c ruleCase) string { return shortType(c.typ) }), r.when(), cell(r.why), r.test())
		}
	}
	fmt.Fprintf(&page, rulesIntroduction, ruleCount, without, cases)
	return page.String() + tables.String()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// list is what the cases have, each once, in order.
func (r rule) list(format string, of func(ruleCase) string) string {
	var found []string
	for _, c := range r.cases {
		found = append(found, fmt.Sprintf(format, of(c)))
	}
	slices.Sort(found)
	return strings.Join(slices.Compact(found), ", ")
}

// when lists the phases in which the rule is enforced.
func (r rule) when() string {
	var found []string
	for _, phase := range phases {
		if slices.ContainsFunc(r.cases, func(c ruleCase) bool { return c.phase == phase }) {
			found = append(found, phase)
		}
	}
	return strings.Join(found, ", ")
}

// test is what shows that the rule is enforced.
func (r rule) test() string {
	switch len(r.cases) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("`TestRules/%d`, 1 case", r.number)
	}
	return fmt.Sprintf("`TestRules/%d`, %d cases", r.number, len(r.cases))
}

// shortType is ec2.Vpc of aws:ec2/vpc:Vpc.
func shortType(token string) string {
	parts := strings.Split(token, ":")
	module, _, _ := strings.Cut(parts[1], "/")
	return module + "." + parts[2]
}
