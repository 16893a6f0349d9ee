package iameval

import "strings"

// matches compares with a pattern in which * is any text, none too, and ? any one character.
func matches(pattern, text string) bool {
	return matchesWithin([]rune(pattern), text, func(int) bool { return false })
}

// arnParts are arn, partition, service, region, account and resource.
const arnParts = 6

// arnMatches compares ARNs of conditions part by part: a wildcard does not reach over a colon, but for the last part, which has what
// follows the fifth (IAM User Guide, "ARN condition operators").
func arnMatches(pattern, arn string) bool {
	patterns, parts := strings.SplitN(pattern, ":", arnParts), strings.SplitN(arn, ":", arnParts)
	if len(patterns) != arnParts || len(parts) != arnParts {
		return false
	}
	for i, p := range patterns {
		if !matches(p, parts[i]) {
			return false
		}
	}
	return true
}

// resourceMatches is for the elements Resource and NotResource. There a * that ends a part reaches over colons as well, and another
// wildcard stays in its part (IAM User Guide, "IAM JSON policy elements: Resource"). The last part may have colons of its own, so
// there all wildcards reach over them.
func resourceMatches(pattern, resource string) bool {
	if pattern == "*" || resource == "*" {
		return pattern == "*"
	}
	p := []rune(pattern)
	return matchesWithin(p, resource, func(at int) bool {
		ends := p[at] == '*' && (at+1 == len(p) || p[at+1] == ':')
		return !ends && strings.Count(string(p[:at]), ":") < arnParts-1
	})
}

// matchesWithin is for patterns of which some wildcards stay between colons.
func matchesWithin(pattern []rune, text string, stays func(at int) bool) bool {
	t := []rune(text)
	matched := make([]bool, len(t)+1) // by how much of the text the pattern so far matches
	matched[0] = true
	for i, p := range pattern {
		next := make([]bool, len(t)+1)
		next[0] = p == '*' && matched[0]
		for n, c := range t {
			switch p {
			case '*':
				next[n+1] = matched[n+1] || next[n] && !(c == ':' && stays(i))
			case '?':
				next[n+1] = matched[n] && !(c == ':' && stays(i))
			default:
				next[n+1] = matched[n] && c == p
			}
		}
		matched = next
	}
	return matched[len(t)]
}
