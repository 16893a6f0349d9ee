package localaws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// diff compares as the Terraform bridge does: what the program asks for against what the state says there is, so that
// drift that a refresh found, and an update that AWS rolled back, are made good by the next update.
func (k *kind) diff(req plugin.DiffRequest) plugin.DiffResult {
	before, after := resource.PropertyMap{}, resource.PropertyMap{}
	for key, v := range req.NewInputs {
		if hidden(key) || slices.Contains(req.IgnoreChanges, string(key)) {
			continue
		}
		after[key] = plainDeep(v)
		if old, ok := req.OldOutputs[key]; ok {
			before[key] = plainDeep(old)
		}
		before[key] = alike(before[key], after[key])
	}
	for key, v := range req.OldInputs {
		if _, kept := req.NewInputs[key]; !kept && !hidden(key) && !slices.Contains(req.IgnoreChanges, string(key)) {
			before[key] = plainDeep(v)
		}
	}
	for _, at := range k.quiet {
		hush(before, after, at)
	}
	changes := before.Diff(after)
	if changes == nil {
		return plugin.DiffResult{Changes: plugin.DiffNone}
	}
	result := plugin.DiffResult{Changes: plugin.DiffSome, ChangedKeys: changes.ChangedKeys(), DetailedDiff: plugin.NewDetailedDiffFromObjectDiff(changes, false)}
	replace := k.replace
	if k.replaceToo != nil {
		replace = slices.Concat(replace, k.replaceToo(before, after))
	}
	for at, change := range result.DetailedDiff {
		if root := rootOf(at); slices.Contains(replace, root) {
			result.DetailedDiff[at] = change.ToReplace()
			if !slices.Contains(result.ReplaceKeys, resource.PropertyKey(root)) {
				result.ReplaceKeys = append(result.ReplaceKeys, resource.PropertyKey(root))
			}
		}
	}
	slices.Sort(result.ReplaceKeys)
	// Two objects cannot have one name at the same time: with a name that the program fixed, the old one goes first.
	if len(result.ReplaceKeys) > 0 && k.deleteFirst {
		result.DeleteBeforeReplace = true
	} else if len(result.ReplaceKeys) > 0 && k.named != nil {
		name := k.named.property
		fixed := !wasDefaulted(req.NewInputs, name) && given(req.NewInputs, name)
		result.DeleteBeforeReplace = fixed && before[resource.PropertyKey(name)].DeepEquals(after[resource.PropertyKey(name)])
	}
	return result
}

// hush makes before equal to after at a path, as the provider that takes a difference there for none.
func hush(before, after resource.PropertyMap, at string) {
	path, err := resource.ParsePropertyPath(at)
	if err != nil {
		panic(fmt.Sprintf("catalogue: %q is no property path: %v", at, err))
	}
	if v, ok := path.Get(resource.NewProperty(after)); ok {
		path.Set(resource.NewProperty(before), v)
	} else {
		path.Delete(resource.NewProperty(before))
	}
}

func hidden(key resource.PropertyKey) bool { return strings.HasPrefix(string(key), "__") }

// rootOf is the first segment of a property path.
func rootOf(at string) string {
	if i := strings.IndexAny(at, ".["); i > 0 {
		return at[:i]
	}
	return at
}

// alike returns after in place of before when the two are one document in different spelling.
func alike(before, after resource.PropertyValue) resource.PropertyValue {
	if before.IsString() && after.IsString() && sameText(before.StringValue(), after.StringValue()) {
		return after
	}
	return before
}
