package config

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"
)

// FuzzConfiguration sets two keys, or what somebody takes for keys, to any values. Whatever it is, it is read or refused: the same each
// time, line by line, each line naming a key that is there.
func FuzzConfiguration(f *testing.F) {
	raw, err := os.ReadFile("testdata/bad-values.yaml")
	if err != nil {
		f.Fatal(err)
	}
	var wrong map[string]badValue
	if err := yaml.Unmarshal(raw, &wrong); err != nil {
		f.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(wrong)) {
		f.Add(key, wrong[key].Value, "ephemeral", "true")
	}
	f.Add("egres", "public", "webcpu", "512")
	f.Add("", "", "\xff", "\x00")
	f.Add("webEnvironment", `{"A\n  - slipway:zones": {"b": "c\nd"}}`, "schedules", `{"b": {}, "a": {}}`)
	f.Add("webLatencyLimit", "NaN", "databaseMinCapacity", "Inf")
	f.Add("workerSecondsPerMessage", "1e-300", "workerLatencySeconds", "43200")
	f.Add("webSecrets", `{"A": "arn:aws:ssm:us-east-1:123456789012:parameter/a#key"}`, "webCommand", "null")
	f.Add("workerSteps", `[{"change": 1}, {"change": 1}]`, "workerMaxCount", "0")
	f.Fuzz(func(t *testing.T, key, value, other, otherValue string) {
		values := map[string]string{"domain": "app.example.com", key: value, other: otherValue}
		delete(values, "imageContext") // names a directory of this machine
		delete(values, "imageDockerfile")
		qualified := map[string]string{}
		for key, value := range values {
			qualified["slipway:"+key] = value
		}
		environment, err := json.Marshal(qualified)
		if err != nil || !utf8.ValidString(key+other) || strings.Contains(key+other, "\x00") {
			return // no such key can be in a stack's file
		}
		t.Setenv(pulumi.EnvConfig, string(environment))

		loaded, known, err := load(t, values)
		if _, _, again := load(t, values); (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
			t.Errorf("the same configuration gets another answer:\n%v\n%v", err, again)
		}
		if (loaded == nil) != (err != nil) {
			t.Fatalf("loaded %v with the error %v", loaded, err)
		}
		for key := range values {
			if slices.Contains(known, key) {
				continue
			}
			if err == nil {
				t.Errorf("the unknown key %q is taken", key)
			} else if near := nearest(key, known); near != "" && !strings.Contains(err.Error(), "did you mean slipway:"+near+"?") {
				t.Errorf("%q is not said to be near to %s: %v", key, near, err)
			}
		}
		if err != nil {
			checkMessage(t, err.Error(), values)
		}
	})
}

// checkMessage checks that a refusal is made of lines, each of which names a key that was set or depends on one, and says what it takes.
func checkMessage(t *testing.T, message string, values map[string]string) {
	t.Helper()
	lines := strings.Split(message, "\n")
	if !strings.Contains(lines[0], "wrong:") || lines[len(lines)-1] != "Nothing was deployed" {
		t.Errorf("%q does not begin or end as a refusal does", message)
	}
	for _, line := range lines[1 : len(lines)-1] {
		field, named := strings.CutPrefix(line, "  - slipway:")
		if !named || !strings.Contains(field, ": ") {
			t.Errorf("%q names no key", line)
		}
		if !strings.Contains(line, "takes ") && !strings.Contains(line, "set slipway:") {
			t.Errorf("%q does not say what the key takes", line)
		}
	}
	for key, value := range values {
		if plain, secret := strings.CutSuffix(value, encrypted); secret && len(plain) > 20 && strings.Contains(message, plain) {
			t.Errorf("the encrypted value of %s is in the message", key)
		}
	}
}
