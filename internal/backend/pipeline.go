package backend

import (
	"context"
	"net/url"
	"path/filepath"

	"slipway/internal/stackfile"
)

// examples are the values that the committed configuration has for somebody to replace.
var examples = map[string]string{
	"pipelineBackendUrl":  "s3://example-pulumi-state",
	"pipelineStateKeyArn": "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555",
}

// pipeline tells a delivery pipeline among the stacks where the state is. What somebody has set stays.
func (r *run) pipeline(ctx context.Context) error {
	for _, stack := range r.wish.Stacks {
		path, file, err := r.configuration(stack)
		if err != nil {
			return err
		}
		values, err := stackfile.Values(path, file)
		if err != nil {
			return err
		}
		if stackfile.Get(values, r.Project+":pipelineEnvironments") == nil {
			continue
		}
		for _, want := range []struct{ key, value string }{{"pipelineBackendUrl", r.report.BackendURL}, {"pipelineStateKeyArn", r.report.KeyArn}} {
			is := ""
			if node := stackfile.Get(values, r.Project+":"+want.key); node != nil {
				is = node.Value
			}
			what, detail := want.key, want.value+", in "+filepath.Base(path)
			if want.value == "" { // of a dry run
				detail = "that key, in " + filepath.Base(path)
			}
			switch {
			case want.value != "" && (is == want.value || sameBucket(is, want.value)):
				r.report.add(AlreadyThere, what, "%s in %s", is, filepath.Base(path))
			case is != "" && is != examples[want.key]:
				r.report.add(LeftAlone, what, "%s in %s; to change it: pulumi config set %s '%s' -s %s", is, filepath.Base(path), want.key, want.value, stack)
			default:
				if !r.wish.DryRun {
					if _, err := r.pulumi(ctx, r.report.BackendURL, "config", "set", want.key, want.value, "-s", stack); err != nil {
						return err
					}
				}
				r.report.add(Set, what, "%s", detail)
			}
		}
	}
	return nil
}

// sameBucket tells whether two URLs of backends differ by their region alone, which need not be there.
func sameBucket(a, b string) bool {
	first, err := url.Parse(a)
	second, otherErr := url.Parse(b)
	return err == nil && otherErr == nil && first.Scheme == "s3" && second.Scheme == "s3" && first.Host == second.Host && first.RawQuery == ""
}
