package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestResidentTree(t *testing.T) {
	t.Parallel()
	table := []byte(`    1     0  15752
  100     1   1000
  101   100    200
  102   100     30
  103   101      4
  200     1  99999
  104   1`)
	for _, test := range []struct {
		name string
		pid  int
		want int64
	}{
		{"with children and theirs", 100, 1234 << 10},
		{"without children", 200, 99999 << 10},
		{"gone", 300, 0},
	} {
		assert.Equal(t, test.want, residentTree(table, test.pid), test.name)
	}
}
