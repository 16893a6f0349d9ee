package limits_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"slipway/internal/limits"
)

func TestFargateSizes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cpu, memory int
		takes       string // empty if Fargate has it
	}{
		{256, 512, ""}, {256, 1024, ""}, {256, 2048, ""},
		{256, 1536, "MiB that Fargate pairs with 256 CPU units: 512 1024 2048"},
		{512, 1024, ""}, {512, 4096, ""}, {512, 512, "MiB that Fargate pairs with 512 CPU units: 1024 2048 3072 4096"},
		{1024, 2048, ""}, {1024, 8192, ""}, {1024, 1024, "MiB that Fargate pairs with 1024 CPU units: 2048 to 8192 in steps of 1024"},
		{2048, 4096, ""}, {2048, 16384, ""}, {2048, 17408, "MiB that Fargate pairs with 2048 CPU units: 4096 to 16384 in steps of 1024"},
		{4096, 8192, ""}, {4096, 30720, ""}, {4096, 31744, "MiB that Fargate pairs with 4096 CPU units: 8192 to 30720 in steps of 1024"},
		{8192, 16384, ""}, {8192, 61440, ""}, {8192, 17408, "MiB that Fargate pairs with 8192 CPU units: 16384 to 61440 in steps of 4096"},
		{16384, 32768, ""}, {16384, 122880, ""}, {16384, 36864, "MiB that Fargate pairs with 16384 CPU units: 32768 to 122880 in steps of 8192"},
	} {
		err := limits.FargateSize(test.cpu, test.memory)
		if test.takes == "" {
			assert.NoError(t, err, "%d with %d", test.cpu, test.memory)
		} else {
			assert.EqualError(t, err, test.takes)
		}
	}
	assert.Error(t, limits.FargateCPU(300))
	assert.NoError(t, limits.FargateSize(300, 512), "a wrong CPU is reported once, by FargateCPU")
}

func TestFargateSizeProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cpu := rapid.SampledFrom([]int{256, 512, 1024, 2048, 4096, 8192, 16384}).Draw(t, "cpu")
		memory := rapid.IntRange(0, 130000).Draw(t, "memory")
		sizes := limits.FargateMemory(cpu)
		assert.NoError(t, limits.FargateCPU(cpu))
		assert.True(t, slices.IsSorted(sizes))
		// Fargate's sizes are whole GiB, but for the smallest, and from 2 GiB to 8 GiB for each vCPU, rounded down at the top.
		for _, size := range sizes {
			assert.True(t, size%1024 == 0 || size == 512)
			assert.GreaterOrEqual(t, size, 2*cpu)
			assert.LessOrEqual(t, size, 8*cpu)
		}
		assert.Equal(t, slices.Contains(sizes, memory), limits.FargateSize(cpu, memory) == nil)
	})
}

func TestEcsRanges(t *testing.T) {
	t.Parallel()
	requireRanges(t, map[string]ranged{
		"stop timeout":       {limits.StopTimeout, []int{1, 30, 120}, []int{0, 121}},
		"grace period":       {limits.GracePeriod, []int{0, 2147483647}, []int{-1}},
		"port":               {limits.ContainerPort, []int{1, 65535}, []int{0, 65536}},
		"tasks":              {limits.TaskCount, []int{0, 5000}, []int{-1, 5001}},
		"deployment timeout": {limits.DeploymentTimeout, []int{5, 180}, []int{4, 181}},
	})
	assert.NoError(t, limits.Percent(0, 0))
	assert.Error(t, limits.Percent(0, 1))
	assert.Error(t, limits.Percent(101, 1))
}

func TestEcsNames(t *testing.T) {
	t.Parallel()
	requireNames(t, map[string]named{
		"environment variable": {limits.EnvironmentName, []string{"A", "_a", "DB_HOST2"}, []string{"", "2A", "a-b", "a.b", "a b"}},
		"container user":       {limits.ContainerUser, []string{"1", "10001:10001", "1000:0"}, []string{"", "0", "0:1", "root", "1:", "1:app", "-1", "5000000000"}},
		"architecture":         {limits.CPUArchitecture, []string{"ARM64", "X86_64"}, []string{"", "arm64", "amd64"}},
	})
}

// ranged is a check of numbers, with some that fit and some that do not.
type ranged struct {
	check    func(int) error
	fit, not []int
}

func requireRanges(t testing.TB, checks map[string]ranged) {
	t.Helper()
	for name, test := range checks {
		for _, value := range test.fit {
			assert.NoError(t, test.check(value), "%s of %d", name, value)
		}
		for _, value := range test.not {
			assert.Error(t, test.check(value), "%s of %d", name, value)
		}
	}
}

// named is the same for names.
type named struct {
	check    func(string) error
	fit, not []string
}

func requireNames(t testing.TB, checks map[string]named) {
	t.Helper()
	for name, test := range checks {
		for _, value := range test.fit {
			assert.NoError(t, test.check(value), "%s %q", name, value)
		}
		for _, value := range test.not {
			assert.Error(t, test.check(value), "%s %q", name, value)
		}
	}
}
