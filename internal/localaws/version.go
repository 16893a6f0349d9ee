package localaws

// The embedded providers have the versions of those that they stand for: the engine warns when a provider is older than
// the SDK that the program was built with. A test compares them with go.mod.
const (
	awsVersion    = "6.83.2"
	awsxVersion   = "2.22.0"
	dockerVersion = "4.10.0"
)
