package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTrust(t *testing.T) {
	t.Parallel()
	trust := func(statement map[string]any) *Object {
		return &Object{Properties: map[string]any{"assumeRolePolicy": document(statement)}}
	}
	role := trust(trustTasks)
	assert.True(t, trusts(role, "ecs-tasks.amazonaws.com"))
	assert.False(t, trusts(role, "codebuild.amazonaws.com"))
	assert.False(t, trusts(trust(with(trustTasks, map[string]any{"Effect": "Deny"})), "ecs-tasks.amazonaws.com"))
	assert.False(t, trusts(trust(with(trustTasks, map[string]any{"Action": "sts:TagSession"})), "ecs-tasks.amazonaws.com"))
	const pipeline = "arn:aws:iam::123456789012:role/pipeline"
	for principal, want := range map[string]bool{pipeline: true, "123456789012": true, "arn:aws:iam::123456789012:root": true, "arn:aws:iam::123456789012:role/other": false, "arn:aws:iam::210987654321:root": false} {
		assert.Equal(t, want, trustsRole(trust(with(trustTasks, map[string]any{"Principal": map[string]any{"AWS": principal}})), pipeline), principal)
	}
}
