package localaws

import (
	"runtime/debug"
	"strings"

	"github.com/blang/semver"
)

// sdkVersion is the version of the SDK module that this binary was built with: the embedded provider has the version
// of the one that it stands for.
func sdkVersion(module string) semver.Version {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == module {
				if v, err := semver.Parse(strings.TrimPrefix(dep.Version, "v")); err == nil {
					return v
				}
			}
		}
	}
	return semver.Version{} // a binary without build information still serves; the engine shows 0.0.0
}
