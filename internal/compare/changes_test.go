package compare

import (
	"slipway/internal/compare/report"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
	for name, test := range map[string]struct {
		old, new           object
		reasons, replacing []string
		want               []string
	}{
		"nothing":           {old: object{"a": 1}, new: object{"a": 1}},
		"a value":           {old: object{"a": 1}, new: object{"a": 2}, want: []string{"a: 1 -> 2"}},
		"another type":      {old: object{"a": object{"b": 1}}, new: object{"a": "text"}, want: []string{`a: {"b":1} -> "text"`}},
		"an added property": {old: object{}, new: object{"a": "x"}, want: []string{`a: added, "x"`}},
		"a removed one":     {old: object{"a": "x"}, new: object{}, want: []string{`a: removed, was "x"`}},
		"within an object": {
			old: object{"a": object{"b": 1, "c": 2}}, new: object{"a": object{"b": 1, "c": 3}}, want: []string{"a.c: 2 -> 3"},
		},
		"a key that is no name": {old: object{"tags": object{"a:b": "1"}}, new: object{"tags": object{"a:b": "2"}}, want: []string{`tags["a:b"]: "1" -> "2"`}},
		"what is not known":     {old: object{"arn": "x"}, new: object{"arn": unknownText}, want: []string{"arn: known only after the update"}},
		"not known within": {
			old: object{"ids": []any{"a"}}, new: object{"ids": []any{"a", unknownText}}, want: []string{`ids: ["a"] -> ["a","[unknown]"]`},
		},
		"what replaces comes first": {
			old: object{"a": 1, "b": object{"c": 1}}, new: object{"a": 2, "b": object{"c": 2}}, replacing: []string{"b"},
			want: []string{"b.c: 1 -> 2 (replaces the resource)", "a: 1 -> 2"},
		},
		"a name that begins another": {
			old: object{"subnet": 1, "subnetIds": 1}, new: object{"subnet": 2, "subnetIds": 2}, replacing: []string{"subnet"},
			want: []string{"subnet: 1 -> 2 (replaces the resource)", "subnetIds: 1 -> 2"},
		},
		"a secret": {
			old: object{"password": report.Hidden}, new: object{"password": report.Hidden}, reasons: []string{"password"}, want: []string{"password: changed, a secret"},
		},
		"a secret with its signature": {
			old:  object{"password": object{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}},
			new:  object{"password": object{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter3"}},
			want: []string{"password: changed, a secret"},
		},
		"a secret deep in a new value": {
			old:  object{},
			new:  object{"a": []any{object{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}}},
			want: []string{`a: added, ["[secret]"]`},
		},
		"a reason that is in another change": {
			old: object{"a": object{"b": 1}}, new: object{"a": object{"b": 2}}, reasons: []string{"a"}, want: []string{"a.b: 1 -> 2"},
		},
		"the provider's own notes": {old: object{"__defaults": []any{}}, new: object{"__defaults": []any{"name"}}},
		"a name that the provider made up": {
			old: object{"__defaults": []any{"name"}, "name": "web-1", "port": 1}, new: object{"__defaults": []any{"name"}, "name": "web-2", "port": 2},
			want: []string{"port: 1 -> 2"},
		},
		"a name that is made up no longer": {
			old: object{"__defaults": []any{"name"}, "name": "web-1"}, new: object{"__defaults": []any{}, "name": "web"},
			want: []string{`name: "web-1" -> "web"`},
		},
		"within a JSON text": {
			old:  object{"policy": `{"Statement":[{"Sid":"Read","Action":["s3:GetObject"]},{"Sid":"List","Action":["s3:ListBucket"]}]}`},
			new:  object{"policy": `{"Statement":[{"Sid":"List","Action":["s3:ListBucket"]},{"Sid":"Read","Action":["s3:*"]}]}`},
			want: []string{`policy.Statement["Read"].Action: ["s3:GetObject"] -> ["s3:*"]`},
		},
		"a text that only begins like JSON": {old: object{"a": "{1}"}, new: object{"a": "{2}"}, want: []string{`a: "{1}" -> "{2}"`}},
		"variables of a container": {
			old:  object{"containerDefinitions": `[{"name":"web","environment":[{"name":"A","value":"1"},{"name":"B","value":"1"}]}]`},
			new:  object{"containerDefinitions": `[{"name":"web","environment":[{"name":"B","value":"2"},{"name":"C","value":"3"}]}]`},
			want: []string{`containerDefinitions["web"].environment["A"]: removed, was "1"`, `containerDefinitions["web"].environment["B"]: "1" -> "2"`, `containerDefinitions["web"].environment["C"]: added, "3"`},
		},
		"the order of a list": {
			old:  object{"rules": []any{object{"name": "a"}, object{"name": "b"}}},
			new:  object{"rules": []any{object{"name": "b"}, object{"name": "a"}}},
			want: []string{`rules: [{"name":"a"},{"name":"b"}] -> [{"name":"b"},{"name":"a"}]`},
		},
		"objects without names": {
			old: object{"rules": []any{object{"port": 1}, object{"port": 2}}}, new: object{"rules": []any{object{"port": 1}, object{"port": 3}}},
			want: []string{"rules[1].port: 2 -> 3"},
		},
		"another number of objects": {
			old: object{"rules": []any{object{"port": 1}}}, new: object{"rules": []any{object{"port": 1}, object{"port": 2}}},
			want: []string{`rules: [{"port":1}] -> [{"port":1},{"port":2}]`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, change := range changes(test.old, test.new, test.reasons, test.replacing) {
				got = append(got, change.Text())
			}
			assert.Equal(t, test.want, got)
		})
	}
}
