package state

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

// FuzzState reads what somebody takes for an exported state. What is read can be asked for anything.
func FuzzState(f *testing.F) {
	for _, seed := range []string{
		`{"version":3,"deployment":{"resources":[{"urn":"urn:pulumi:prod::shop::a:b/c:C::web","type":"a:b/c:C","id":"i","outputs":{"a":[1,"x",{"b":true}],` +
			`"s":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","plaintext":"\"v\""},"n":"NaN","m":"-1e999"},"parent":"urn:pulumi:prod::shop::a:b/c:C::web"}]}}`,
		`{"version":3,"deployment":{"resources":[{"urn":"urn:pulumi:prod::shop::pulumi:providers:aws::default","type":"pulumi:providers:aws","inputs":{"region":1}},{"urn":"urn:pulumi:prod::shop::a::b","type":"a"}]}}`,
		`{"version":4,"deployment":{"resources":[{"urn":"x"}],"pending_operations":[{}]}}`, `{"version":3,"deployment":{"resources":[]}}`, `{"version":2,"deployment":{}}`, `[]`, ` `, `{"version":3,"deployment":null} 1`,
		`{"version":3,"deployment":{"resources":[{"urn":"urn:pulumi:prod::shop::a:b/c:C::web","type":"a:b/c:C","outputs":{"asset":{"4dabf18193072939515e22adb298388d":"c44067f5952c0a294b673a41bacd8c17"},` +
			`"archive":{"4dabf18193072939515e22adb298388d":"0def7320c3a5731c473e5ecbe6d01bc7"},"reference":{"4dabf18193072939515e22adb298388d":"5cf8f73096256a8f31e491e813e4eb8e","urn":1},"output":{"4dabf18193072939515e22adb298388d":"d0e6a833031e9bbcd3f4e8bde6ca49a4"}}}]}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Read(strings.NewReader(text))
		if (s == nil) != (err != nil) {
			t.Fatalf("%v and %v", s, err)
		}
		if err != nil {
			if !strings.Contains(err.Error(), "state") && !strings.Contains(err.Error(), howTo) {
				t.Errorf("the refusal does not say of what, nor what to do: %v", err)
			}
			return
		}
		if again, err := Read(strings.NewReader(text)); err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("the same text is read as %+v and %+v", s, again)
		}
		if len(s.Resources) == 0 {
			t.Error("a state without resources is read")
		}
		for _, r := range s.Resources {
			if r.Component == "" && r.Name != "" {
				t.Errorf("%s is part of nothing", r.URN)
			}
			checkValue(t, r.At(), 0)
		}
	})
}

// checkValue reads a value in every way, and those within.
func checkValue(t *testing.T, v Value, depth int) {
	t.Helper()
	if number := v.Number(); math.IsNaN(number) || math.IsInf(number, 0) {
		t.Errorf("%q is the number %v, which no report can show", v.String(), number)
	}
	_, _, _ = v.Bool(), v.IsSecret(), v.Strings()
	if !v.Readable() && v.String() != "" {
		t.Errorf("%q is not readable", v.String())
	}
	for i, inner := range v.List() {
		checkValue(t, inner, depth+1)
		checkValue(t, v.At(i), depth+1)
	}
	if object := v.open(); depth < 20 && object.IsObject() {
		for key := range object.ObjectValue() {
			checkValue(t, v.At(string(key)), depth+1)
		}
	}
}
