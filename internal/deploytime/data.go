package deploytime

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// handed is a value that exists once a resource does.
type handed struct {
	value string
	by    *Resource
	// known says that the program gave the value, so that it is in other texts without telling anything of this resource: only a whole
	// input that equals it refers to the resource.
	known bool
}

// data are the edges by data: an input holds a value, alone or within a text such as a policy, that only the other resource's
// creation yields, such as its id, its ARN or its endpoint. Names that Pulumi makes count as well: they are known before, but nothing has
// them without meaning this resource, which must exist.
func (s *State) data(programmed edges) edges {
	values := s.handed(programmed)
	e := edges{}
	for _, r := range s.made() {
		var texts []string
		collect(r.Inputs, &texts)
		for _, v := range values {
			if v.known && slices.Contains(watchers, r.Type) {
				continue
			}
			if v.by != r && slices.ContainsFunc(texts, v.isIn) {
				e.add(r, v.by)
			}
		}
	}
	return e
}

// watchers show what is measured under a name, and take one that nothing has yet.
var watchers = []string{"aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/dashboard:Dashboard"}

// handed lists the values by which resources are referred to.
func (s *State) handed(programmed edges) []handed {
	yielders := map[string][]*Resource{}
	for _, r := range s.made() {
		for _, value := range r.yields() {
			yielders[value] = append(yielders[value], r)
		}
	}
	var values []handed
	for value, by := range yielders {
		if origin := originOf(by, programmed); origin != nil {
			values = append(values, handed{value: value, by: origin})
		}
	}
	for _, r := range s.made() {
		// An id that the program gave, or that is another resource's, such as a bucket policy's.
		if _, taken := yielders[r.ID]; r.ID != "" && !taken {
			values = append(values, handed{value: r.ID, by: r, known: true})
			yielders[r.ID] = []*Resource{r}
		}
	}
	slices.SortFunc(values, func(x, y handed) int { return cmp.Or(cmp.Compare(x.by.URN, y.by.URN), cmp.Compare(x.value, y.value)) })
	return values
}

// originOf is the one of several resources with the same value that the others have it from, as a balancer has the id of the VPC that
// its subnets are in. There is none if they have it by chance, such as the zone of all load balancers in a region.
func originOf(by []*Resource, programmed edges) *Resource {
	for _, origin := range by {
		if !slices.ContainsFunc(by, func(other *Resource) bool { return other != origin && !programmed.reach(other)[origin] }) {
			return origin
		}
	}
	return nil
}

// telling tells ids, ARNs, addresses and generated names from words: they have a digit, and 8 characters at least.
func telling(value string) bool {
	return len(value) >= 8 && strings.ContainsAny(value, "0123456789") && !common.MatchString(value)
}

// common is what many resources have: account ids, other numbers, regions and zones.
var common = regexp.MustCompile(`^([\d.]+|[a-z]{2}(-[a-z]+)+-\d[a-z]?)$`)

// yields are the values that are known when the resource is made, and not before; of names those that Pulumi made.
func (r *Resource) yields() (values []string) {
	var given, all []string
	collect(r.Inputs, &given)
	for _, name := range list(r.Inputs["__defaults"]) {
		if made, ok := r.Inputs[name].(string); ok {
			given = slices.DeleteFunc(given, func(text string) bool { return text == made })
		}
	}
	collect(r.Outputs, &all)
	all = append(all, r.ID)
	slices.Sort(all)
	for _, value := range slices.Compact(all) {
		if telling(value) && !slices.Contains(given, value) {
			values = append(values, value)
		}
	}
	return values
}

// isIn tells whether a text refers to the value: it stands there by itself, not as a part of a longer name.
func (v handed) isIn(text string) bool {
	if v.known {
		return text == v.value
	}
	for from := 0; ; {
		at := strings.Index(text[from:], v.value)
		if at < 0 {
			return false
		}
		begin := from + at
		end := begin + len(v.value)
		if (begin == 0 || !inName(text[begin-1])) && (end == len(text) || !inName(text[end])) {
			return true
		}
		from = begin + 1
	}
}

func inName(c byte) bool {
	return c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// collect gathers the texts in a value. Tags only describe, and __defaults is Pulumi's own.
func collect(value any, texts *[]string) {
	switch value := value.(type) {
	case string:
		*texts = append(*texts, value)
	case []any:
		for _, element := range value {
			collect(element, texts)
		}
	case map[string]any:
		for key, element := range value {
			if key != "tags" && key != "tagsAll" && key != "__defaults" {
				collect(element, texts)
			}
		}
	}
}

// list is a list of texts.
func list(value any) (texts []string) {
	collect(value, &texts)
	return texts
}
