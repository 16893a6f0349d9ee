package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/internal/pipelinerun"
)

func TestPipelineChangesNothingWhereNothingChanged(t *testing.T) {
	t.Parallel()
	d := newDelivering(t)
	before := d.made("prod")
	e := d.release(pipelinerun.Rejected)
	assert.Equal(t, pipelinerun.Succeeded, e.Status, "%v\n%s", e.Err, d.log.String())
	assert.Equal(t, []string{"Source", "Build", "SelfUpdate", "Deploy-staging", "Plan-prod"}, e.Ran)
	assert.Equal(t, []string{"Approve-prod", "Deploy-prod"}, e.Skipped, "nobody is asked about nothing")
	assert.Equal(t, before, d.made("prod"))
}
