package stacks

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// completed is an exported state in which the creations that were cut off are done: each resource in made, by its URN,
// has its id. All other pending operations are dropped, which `pulumi stack import` does anyway. Pulumi has written down
// all that a resource is before it asks for it, so nothing else is missing than what AWS computes; a refresh reads that.
func completed(exported []byte, made map[string]string) ([]byte, error) {
	// Not by types: what this does not know has to stay as it is.
	var file map[string]any
	decoder := json.NewDecoder(bytes.NewReader(exported))
	decoder.UseNumber()
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	deployment := object(file["deployment"])
	resources, _ := deployment["resources"].([]any)
	operations, _ := deployment["pending_operations"].([]any)
	done := map[string]bool{}
	for _, op := range operations {
		resource := object(object(op)["resource"])
		urn, _ := resource["urn"].(string)
		if object(op)["type"] == "creating" && made[urn] != "" && !done[urn] { // of several, for which several runs have asked, the last stands first
			done[urn] = true
			resources = insert(resources, complete(resource, made[urn]))
		}
	}
	if deployment != nil {
		deployment["resources"] = resources
		delete(deployment, "pending_operations")
	}
	return json.MarshalIndent(file, "", "  ")
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

// complete gives a resource its id. Its outputs are its inputs for now: what AWS does not tell, such as skipFinalSnapshot,
// a refresh keeps.
func complete(resource map[string]any, id string) map[string]any {
	resource = maps.Clone(resource)
	outputs := maps.Clone(object(resource["inputs"]))
	delete(outputs, "__defaults")
	resource["id"], resource["outputs"] = id, outputs
	return resource
}

// insert puts a resource into a state. One that it replaces may still be there, to be deleted then, or deleted before and
// only remembered.
func insert(resources []any, added map[string]any) []any {
	same := func(v any) bool { return object(v)["urn"] == added["urn"] }
	at := slices.IndexFunc(resources, same)
	if at < 0 {
		return append(resources, added)
	}
	// All that it depends on was registered in the run that was cut off, and stands before what that run had not come to.
	resources = slices.Insert(resources, at, any(added))
	return slices.DeleteFunc(resources, func(v any) bool { return same(v) && object(v)["pendingReplacement"] == true })
}
