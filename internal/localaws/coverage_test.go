package localaws

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/cost"
	"slipway/internal/permissions"
	"slipway/internal/state"
)

// TestCatalogueCoversTheProgram takes every resource and every function that the program and the components can
// register or call, out of their source, whatever the configuration, and fails when the embedded AWS lacks one.
func TestCatalogueCoversTheProgram(t *testing.T) {
	t.Parallel()
	resources, functionsCalled := usedBySources(t, "../../*.go", "../../components/*.go")
	require.Greater(t, len(resources), 30, "the sources are found and read")
	for token, at := range resources {
		assert.Contains(t, catalogue, token, "registered at %s", at)
	}
	for token, at := range functionsCalled {
		assert.Contains(t, functions, token, "called at %s", at)
	}
	for token := range functions {
		assert.Contains(t, functionsCalled, token, "nothing calls this function any more")
	}
}

// TestEveryTypeHasAPrice has one resource of every type: what they cost must be known, or why they cost nothing.
func TestEveryTypeHasAPrice(t *testing.T) {
	t.Parallel()
	var resources []string
	for token := range catalogue {
		resources = append(resources, fmt.Sprintf(`{"urn": "urn:pulumi:prod::shop::%s::one", "type": %[1]q, "id": "1", "outputs": {}}`, token))
	}
	s, err := state.Read(strings.NewReader(`{"version": 3, "deployment": {"resources": [` + strings.Join(resources, ",") + `]}}`))
	require.NoError(t, err)
	_, err = cost.Of(s)
	require.ErrorContains(t, err, "no price is known for", "without properties some have none")
	assert.NotContains(t, err.Error(), "a resource of the type", "each type is in the table of internal/cost/kinds.go")
}

// TestPermissionsAreKnown has internal/permissions know what every type and function needs, and which of them the program has. Nobody
// could deploy with a role that lacks one of them.
func TestPermissionsAreKnown(t *testing.T) {
	t.Parallel()
	for token := range catalogue {
		_, known := permissions.Of(token)
		assert.True(t, known, "%s has no row in internal/permissions", token)
	}
	for token := range functions {
		_, known := permissions.OfFunction(token)
		assert.True(t, known, "%s has no row in internal/permissions/functions.go", token)
	}
	programs := slices.Concat(permissions.Environment, permissions.Pushing, permissions.Pipeline)
	resources, functionsCalled := usedBySources(t, "../../*.go", "../../components/*.go")
	for token, at := range resources {
		assert.Contains(t, programs, token, "registered at %s; add it to internal/permissions/programs.go", at)
	}
	for token, at := range functionsCalled {
		assert.Contains(t, programs, token, "called at %s; add it to internal/permissions/programs.go", at)
	}
}

// usedBySources finds calls of the generated constructors (ec2.NewVpc) and functions (aws.GetRegion, route53.LookupZone)
// of the provider SDKs, as tokens with the place of one call.
func usedBySources(t *testing.T, patterns ...string) (resources, functions map[string]string) {
	t.Helper()
	resources, functions = map[string]string{}, map[string]string{}
	files := token.NewFileSet()
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			modules := sdkImports(t, file)
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				selector, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				pkg, ok := selector.X.(*ast.Ident)
				if !ok || modules[pkg.Name] == "" {
					return true
				}
				at, module, name := files.Position(call.Pos()).String(), modules[pkg.Name], selector.Sel.Name
				if noun, ok := strings.CutPrefix(name, "New"); ok && noun != "Provider" { // providers are the engine's
					resources[module+"/"+lowerFirst(noun)+":"+noun] = at
				}
				for _, prefix := range []string{"Lookup", "Get"} {
					if noun, ok := strings.CutPrefix(strings.TrimSuffix(name, "Output"), prefix); ok {
						functions[module+"/get"+noun+":get"+noun] = at
					}
				}
				return true
			})
		}
	}
	return resources, functions
}

// sdkImports maps the local names of the imported SDK packages to the first part of their tokens, as aws:ec2. The
// packages of awsx hold components, whose children are resources of aws.
func sdkImports(t *testing.T, file *ast.File) map[string]string {
	t.Helper()
	modules := map[string]string{}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		_, module, isSDK := strings.Cut(path, "/go/")
		if !isSDK || !strings.HasPrefix(path, "github.com/pulumi/pulumi-") || strings.Contains(path, "/pulumi-awsx/") {
			continue
		}
		pkg, name, nested := strings.Cut(module, "/")
		local := name
		if !nested {
			local, name = pkg, "index"
		}
		if spec.Name != nil {
			local = spec.Name.Name
		}
		modules[local] = pkg + ":" + name
	}
	return modules
}
