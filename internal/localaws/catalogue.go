package localaws

import "slices"

// catalogue holds every resource type that the embedded AWS knows, by token: a table for each service.
var catalogue = index(ec2Kinds(), lbKinds(), acmKinds(), route53Kinds(), ecsKinds(), autoscalingKinds(), cloudwatchKinds(),
	rdsKinds(), iamKinds(), ecrKinds(), secretsManagerKinds(), s3Kinds(), cloudfrontKinds(), logDeliveryKinds(), kmsKinds(), sqsKinds(), snsKinds(), schedulerKinds(),
	codeCommitKinds(), codeConnectionsKinds(), eventsKinds(), codebuildKinds(), codepipelineKinds(), dockerKinds())

func index(services ...[]*kind) map[string]*kind {
	byToken := map[string]*kind{}
	for _, k := range slices.Concat(services...) {
		byToken[k.token] = k
	}
	return byToken
}

// of completes a kind with the schema of its generated types.
func of(args inputStruct, res any, k kind) *kind {
	k.schema = schemaOf(args, res)
	return &k
}
