package localaws

import (
	"fmt"
	"slices"
)

// What a trigger takes (AWS CodePipeline API Reference, "GitConfiguration").
const (
	triggersPerPipeline = 50
	filtersPerTrigger   = 3
	patternsPerFilter   = 8
	patternSize         = 255
)

func checkTriggers(c *checking, stages []pipelineStage) {
	count := c.length("triggers")
	if count == 0 {
		return
	}
	c.needsV2("triggers", "A trigger")
	if count > triggersPerPipeline {
		c.fail("triggers", "A pipeline has %d triggers at most, got %d (ValidationException)", triggersPerPipeline, count)
	}
	used := map[string]bool{}
	for n := range count {
		at := fmt.Sprintf("triggers[%d]", n)
		c.oneOf(at+".providerType", connectionProvider)
		source := c.text(at + ".gitConfiguration.sourceActionName")
		if source != "" && (used[source] || !isConnection(stages, source)) {
			c.fail(at+".gitConfiguration.sourceActionName", "Triggers for connection must reference a CodeStarSourceConnection action. Note that when you specify a trigger, you can't specify more than one trigger per source action: %s (InvalidStructureException)", source)
		}
		used[source] = true
		checkFilters(c, at+".gitConfiguration")
	}
}

func isConnection(stages []pipelineStage, source string) bool {
	return len(stages) > 0 && slices.ContainsFunc(stages[0].actions, func(a pipelineAction) bool {
		return a.provider == "" || a.name == "" || a.name == source && a.provider == connectionProvider
	})
}

func checkFilters(c *checking, at string) {
	pushes, requests := at+".pushes", at+".pullRequests"
	if !c.has(pushes) && !c.has(requests) {
		c.failCombination(at, "it has neither pushes nor pullRequests")
	}
	for _, list := range []string{pushes, requests} {
		if count := c.length(list); count > filtersPerTrigger {
			c.fail(list, "A trigger has %d filters at most, got %d (ValidationException)", filtersPerTrigger, count)
		}
	}
	for n := range c.length(pushes) {
		filter := fmt.Sprintf("%s[%d]", pushes, n)
		tags, branches, paths := c.has(filter+".tags"), c.has(filter+".branches"), c.has(filter+".filePaths")
		switch {
		case tags && (branches || paths):
			c.failCombination(filter, "tags go with neither branches nor filePaths")
		case !tags && !branches && !paths:
			c.failCombination(filter, "it has no filter")
		}
		checkPatterns(c, filter, "tags", "branches", "filePaths")
	}
	for n := range c.length(requests) {
		filter := fmt.Sprintf("%s[%d]", requests, n)
		for _, event := range texts(c.value(filter+".events"), "") {
			if !slices.Contains([]string{"OPEN", "UPDATED", "CLOSED"}, event) {
				c.fail(filter+".events", "expected events to be of OPEN, UPDATED, CLOSED, got %s (ValidationException)", event)
			}
		}
		checkPatterns(c, filter, "branches", "filePaths")
	}
}

func (c *checking) failCombination(at, why string) {
	c.fail(at, "The trigger configuration for the source action is not valid. Make sure to choose valid filter combinations: %s (InvalidStructureException)", why)
}

func checkPatterns(c *checking, filter string, criteria ...string) {
	for _, of := range criteria {
		for _, way := range []string{"includes", "excludes"} {
			at := filter + "." + of + "." + way
			if v := c.value(at); v.IsArray() && (len(v.ArrayValue()) < 1 || len(v.ArrayValue()) > patternsPerFilter) {
				c.fail(at, "%s of %s take 1 to %d patterns, got %d (ValidationException)", way, of, patternsPerFilter, len(v.ArrayValue()))
			}
			for _, pattern := range texts(c.value(at), "") {
				if len(pattern) > patternSize {
					c.fail(at, "a pattern takes 1 to %d characters, got %d (ValidationException)", patternSize, len(pattern))
				}
			}
		}
		if c.has(filter+"."+of) && !c.has(filter+"."+of+".includes") && !c.has(filter+"."+of+".excludes") {
			c.failCombination(filter+"."+of, "it has neither includes nor excludes")
		}
	}
}
