package localaws

import (
	"fmt"
	"strconv"
	"strings"
)

// auroraMinors are the newest minor versions of Aurora PostgreSQL that the embedded AWS knows, by major version. It runs
// them where a program names a major version only, and takes any minor version of a known major one.
var auroraMinors = map[int]int{11: 21, 12: 22, 13: 21, 14: 18, 15: 13, 16: 14, 17: 10, 18: 6}

// defaultAuroraMajor is what runs where a program names no version.
const defaultAuroraMajor = 16

const auroraPostgres = "aurora-postgresql"

// postgresVersion splits "16.4" into 16 and 4; "16" is the newest minor version.
func postgresVersion(version string) (major, minor int, ok bool) {
	head, tail, hasMinor := strings.Cut(version, ".")
	major, err := strconv.Atoi(head)
	if err != nil || auroraMinors[major] == 0 {
		return 0, 0, false
	}
	if !hasMinor {
		return major, auroraMinors[major], true
	}
	minor, err = strconv.Atoi(tail)
	return major, minor, err == nil
}

// actualVersion is what runs for an engine and the version that the program names.
func actualVersion(engine, version string) string {
	if engine != auroraPostgres {
		return version
	}
	if version == "" {
		version = strconv.Itoa(defaultAuroraMajor)
	}
	major, minor, ok := postgresVersion(version)
	if !ok {
		return version
	}
	return strconv.Itoa(major) + "." + strconv.Itoa(minor)
}

// parameterFamily is the family of an engine's parameter groups: aurora-postgresql16.
func parameterFamily(engine, version string) string {
	major, rest, _ := strings.Cut(version, ".")
	if engine == auroraPostgres {
		return engine + major
	}
	minor, _, _ := strings.Cut(rest, ".")
	return engine + major + "." + minor
}

// notBefore tells whether an Aurora PostgreSQL version is at least the minor version that minimum has for its major
// version; every major version above those in minimum is.
func notBefore(major, minor int, minimum map[int]int) bool {
	least, listed := minimum[major]
	if listed {
		return minor >= least
	}
	for m := range minimum {
		if m > major {
			return false
		}
	}
	return true
}

// engineVersion answers with the version that RDS has as the default of a major version: the newest minor one. It knows
// Aurora PostgreSQL.
func engineVersion(i *invocation) (map[string]any, error) {
	engine, version := i.text("engine"), i.text("version")
	actual := actualVersion(engine, version)
	if _, _, ok := postgresVersion(actual); engine != auroraPostgres || !ok {
		return nil, fmt.Errorf("no RDS engine versions match the criteria: engine %s, version %q", engine, version)
	}
	return i.answer(map[string]any{"id": actual, "version": actual, "versionActual": actual, "status": "available",
		"parameterGroupFamily": parameterFamily(engine, actual)}), nil
}
