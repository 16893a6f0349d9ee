package controls

import (
	"fmt"
	"strings"
)

// dotted is a path as messages name a property.
func dotted(path []any) string {
	parts := make([]string, len(path))
	for i, part := range path {
		parts[i] = fmt.Sprint(part)
	}
	return strings.Join(parts, ".")
}

// alternatives are texts one of which is taken.
func alternatives(texts []string) string {
	last := len(texts) - 1
	if last < 1 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:last], ", ") + " or " + texts[last]
}
