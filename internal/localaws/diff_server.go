package localaws

import (
	"context"
	"slices"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// wholeProperties names changes by whole properties, as the Terraform bridge does, beside the details. The SDK's server names
// them by path, and the engine's display then leaves out every change inside of a property.
type wholeProperties struct {
	pulumirpc.ResourceProviderServer
}

// Diff is the SDK's, with the names of properties instead of paths.
func (s wholeProperties) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	resp, err := s.ResourceProviderServer.Diff(ctx, req)
	if err == nil {
		resp.Diffs, resp.Replaces = roots(resp.Diffs), roots(resp.Replaces)
	}
	return resp, err
}

func roots(paths []string) (names []string) {
	for _, at := range paths {
		names = append(names, rootOf(at))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
