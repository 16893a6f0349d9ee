package controls

import (
	"slices"

	"slipway/internal/state"
)

const bucket = "aws:s3/bucketV2:BucketV2"

var s3Controls = []control{
	{id: "S3.2, S3.3, S3.8", title: "Buckets block public access", of: []string{bucket}, check: func(in *state.State, r *state.Resource) (findings []Finding) {
		const kind = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
		blocks := in.Where(kind, "bucket", r.ID)
		for _, block := range blocks {
			for _, property := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
				findings = append(findings, must(block.At(property).Bool(), block.Name+"."+property, block.At(property).String(), "true")...)
			}
		}
		return append(findings, must(len(blocks) > 0, kind, "none for it", "one")...)
	}},
	{id: "S3.5", title: "Buckets deny what is not encrypted on its way", of: []string{bucket}, check: func(in *state.State, r *state.Resource) []Finding {
		arn := r.At("arn").String()
		for _, policy := range in.Where("aws:s3/bucketPolicy:BucketPolicy", "bucket", r.ID) {
			if deniesPlainText(policy.At("policy"), "s3:*", arn, arn+"/*") {
				return nil
			}
		}
		return must(false, "policy", "none that denies s3:* without TLS", "one")
	}},
	{id: "S3.9", title: "Buckets log who reads and writes", of: []string{bucket}, check: has("aws:s3/bucketLoggingV2:BucketLoggingV2", "bucket")},
	{id: "S3.12", title: "Buckets know no access lists", of: []string{bucket}, check: func(in *state.State, r *state.Resource) []Finding {
		got := ""
		for _, controls := range in.Where("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "bucket", r.ID) {
			got = controls.At("rule", "objectOwnership").String()
		}
		return must(got == "BucketOwnerEnforced", "objectOwnership", got, "BucketOwnerEnforced")
	}},
	{id: "S3.13", title: "Buckets have a lifecycle", of: []string{bucket}, check: func(in *state.State, r *state.Resource) []Finding {
		for _, lifecycle := range in.Where("aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "bucket", r.ID) {
			if slices.ContainsFunc(lifecycle.At("rules").List(), func(rule state.Value) bool { return rule.At("status").String() == "Enabled" }) {
				return nil
			}
		}
		return must(false, "lifecycle", "no rule that is enabled", "one")
	}},
}
