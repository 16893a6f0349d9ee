package components

import (
	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// checkTags checks the tags that somebody gives to a component, which may be as many as that.
func checkTags(tags map[string]string, most int, wrong *invalid.Fields) {
	wrong.Check("tags", len(tags), limits.TagCount(len(tags), most))
	for _, key := range sortedKeys(tags) {
		wrong.Check("tags", key, limits.TagKey(key))
		wrong.Check("tags."+key, tags[key], limits.TagValue(tags[key]))
	}
}
