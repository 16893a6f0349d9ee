package components_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"slipway/components"
	"slipway/internal/enginetest"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// argument is an argument's row in the tables: values are what the field takes, or functions that change all arguments, which may make other
// components before.
type argument struct {
	// at are the values at its limits, which the component takes, and so has to AWS.
	at []any
	// past are values just past them, which the component refuses by the field's name.
	past []any
	// free is why the component refuses nothing.
	free string
	// says is the field that messages name, if it is another.
	says string
}

// subject is a component with the table of its arguments, by the names of their fields; those of a structure in them by both names.
// "name" is the component's own.
type subject struct {
	component string
	typ       reflect.Type
	base      func(run string) reflect.Value
	create    func(ctx *pulumi.Context, name string, args reflect.Value) error
	arguments map[string]argument
}

// of is the subject of a constructor. base are arguments that are right; run is another text each time.
func of[A, C any](create func(*pulumi.Context, string, *A, ...pulumi.ResourceOption) (*C, error), base func(run string) *A, arguments map[string]argument) subject {
	return subject{
		component: reflect.TypeFor[C]().Name(),
		typ:       reflect.TypeFor[A](),
		base:      func(run string) reflect.Value { return reflect.ValueOf(base(run)) },
		create: func(ctx *pulumi.Context, name string, args reflect.Value) error {
			_, err := create(ctx, name, args.Interface().(*A))
			return err
		},
		arguments: arguments,
	}
}

// TestWhatAComponentTakesAwsTakes makes every component with each argument at its limits and just past them. What the component takes the
// embedded AWS takes as well; the rest the component refuses itself, in its own words.
func TestWhatAComponentTakesAwsTakes(t *testing.T) {
	t.Parallel()
	e := enginetest.New(t, ".")
	subjects := subjectsIn(newSurroundings(t, e))

	var covered []string
	for _, s := range subjects {
		covered = append(covered, s.component)
	}
	assert.ElementsMatch(t, constructors(t), covered, "every component has a table")

	for _, s := range subjects {
		t.Run(s.component, func(t *testing.T) {
			t.Parallel()
			assert.ElementsMatch(t, append(fieldsOf(s.typ, ""), "name"), slices.Collect(maps.Keys(s.arguments)), "every argument has a row, with its limits")
			s.takeAll(t, e)
			for _, field := range slices.Sorted(maps.Keys(s.arguments)) {
				row := s.arguments[field]
				assert.NotEqual(t, len(row.past) == 0, row.free == "", "%s has limits, or a reason for none", field)
				for i, value := range row.past {
					err := s.try(e, fmt.Sprintf("%s-past-%d", field, i), map[string]any{field: value})
					if assert.Error(t, err, "%s is not to take %s", field, show(value)) {
						checkRefusal(t, err, field, row.says)
					}
				}
			}
		})
	}
}

// takeAll makes the component with each value at a limit: those that change a single argument together, which saves half of the time, and
// one by one where that is refused.
func (s subject) takeAll(t *testing.T, e *enginetest.Engine) {
	t.Helper()
	var together []map[string]any
	for _, field := range slices.Sorted(maps.Keys(s.arguments)) {
		for i, value := range s.arguments[field].at {
			if isFunction(value) {
				err := s.try(e, fmt.Sprintf("%s-at-%d", field, i), map[string]any{field: value})
				assert.NoError(t, err, "%s is to take what function %d of its row sets", field, i)
				continue
			}
			if i >= len(together) {
				together = append(together, map[string]any{})
			}
			together[i][field] = value
		}
	}
	for i, values := range together {
		err := s.try(e, fmt.Sprintf("at-%d", i), values)
		if err == nil {
			continue
		}
		assert.NoError(t, err, "the arguments %d of all rows are to be taken together", i)
		for field, value := range values {
			err := s.try(e, fmt.Sprintf("%s-at-%d", field, i), map[string]any{field: value})
			assert.NoError(t, err, "%s is to take %s", field, show(value))
		}
	}
}

// TestNamesThatAreJoined holds that a job's name and its workers', each of which is right, are refused where AWS would refuse both together.
func TestNamesThatAreJoined(t *testing.T) {
	t.Parallel()
	job := strings.Repeat("j", 31)
	make := func(workers string) error {
		return (&recorder{}).run(func(ctx *pulumi.Context) error {
			_, err := components.NewQueueWorkers(ctx, workers, &components.QueueWorkersArgs{Schedules: map[string]components.Schedule{job: {Expression: "rate(1 day)", Command: []string{"x"}}}})
			return err
		})
	}
	assert.NotContains(t, make(strings.Repeat("w", 19)).Error(), "name, ", "19, a hyphen and 31 are what a role's name has room for")
	assert.ErrorContains(t, make(strings.Repeat("w", 20)), "name, schedules."+job+": a role is called after both")
}

func isFunction(value any) bool { return reflect.TypeOf(value).Kind() == reflect.Func }

func show(value any) string {
	if isFunction(value) {
		return "what the function sets"
	}
	text := fmt.Sprintf("%#v", value)
	return text[:min(len(text), 100)]
}

// checkRefusal checks that it was the component that refused, and named the field.
func checkRefusal(t *testing.T, err error, field, says string) {
	t.Helper()
	if says == "" {
		says = field[strings.LastIndex(field, ".")+1:]
		says = strings.ToLower(says[:1]) + says[1:]
	}
	assert.Regexp(t, `(^|[^A-Za-z])`+regexp.QuoteMeta(says)+`([^A-Za-z]|$)`, err.Error(), "%s: the refusal names the field", field)
	assert.NotRegexp(t, "api error|check: ", err.Error(), "%s: the component refuses it, before AWS does", field)
}

// try makes the component in a stack of its own, with these values of its arguments.
func (s subject) try(e *enginetest.Engine, run string, values map[string]any) error {
	stack := strings.ToLower(s.component + "-" + strings.ReplaceAll(run, ".", "-"))
	name, args := "web", s.base(stack)
	return e.Run(stack, nil, func(ctx *pulumi.Context) error {
		for field, value := range values {
			switch change := reflect.ValueOf(value); {
			case isFunction(value) && change.Type().NumIn() == 2:
				change.Call([]reflect.Value{reflect.ValueOf(ctx), args})
			case isFunction(value):
				change.Call([]reflect.Value{args})
			case field == "name":
				name = value.(string)
			default:
				set(args.Elem().FieldByName(field), value)
			}
		}
		return s.create(ctx, name, args)
	})
}

// set sets a field to a plain value, as an input where it takes one.
func set(field reflect.Value, value any) {
	switch input := field.Type(); {
	case input == reflect.TypeFor[pulumi.StringInput](), input == reflect.TypeFor[pulumi.StringPtrInput]():
		value = pulumi.String(value.(string))
	case input == reflect.TypeFor[pulumi.IntInput]():
		value = pulumi.Int(value.(int))
	case input == reflect.TypeFor[pulumi.StringArrayInput]():
		value = pulumi.ToStringArray(value.([]string))
	case input == reflect.TypeFor[map[string]pulumi.StringInput]():
		value = map[string]pulumi.StringInput(pulumi.ToStringMap(value.(map[string]string)))
	}
	given := reflect.ValueOf(value)
	if field.Kind() == reflect.Pointer && given.Kind() != reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	if field.Kind() != reflect.Interface {
		given = given.Convert(field.Type())
	}
	field.Set(given)
}

// fieldsOf are the arguments in a structure, and those in the structures of this package that it has.
func fieldsOf(typ reflect.Type, prefix string) (names []string) {
	for field := range typ.Fields() {
		names = append(names, prefix+field.Name)
		inner := field.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			inner = inner.Elem()
		}
		_, isComponent := reflect.PointerTo(inner).MethodByName("URN")
		if inner.Kind() == reflect.Struct && inner.PkgPath() == "slipway/components" && !isComponent {
			names = append(names, fieldsOf(inner, prefix+field.Name+".")...)
		}
	}
	return names
}

// constructors are the components that the package has, by its sources.
func constructors(t *testing.T) (names []string) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declared := range file.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok || function.Recv != nil || !strings.HasPrefix(function.Name.Name, "New") {
				continue
			}
			names = append(names, strings.TrimPrefix(function.Name.Name, "New"))
		}
	}
	require.Greater(t, len(names), 5, "the sources are found and read")
	return names
}
