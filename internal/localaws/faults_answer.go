package localaws

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
)

// answered is the answer to a call that AWS has carried out: nil, or the fault that was asked for. id and outputs are of what
// there is then; a deletion leaves nothing.
func (k *kind) answered(ctx context.Context, operation Operation, code, id string, outputs resource.PropertyMap) error {
	switch code {
	case noAnswer:
		<-ctx.Done()
		return ctx.Err()
	case TimedOut:
		return k.operation(operation.verb(), operation.doing(), errors.New("https response error StatusCode: 0, RequestID: , request send failed: context deadline exceeded (this failure was asked for)"))
	case NotReady:
		reason := fmt.Sprintf("waiting for %s %s (%s) to %s: timeout while waiting for state to become 'available' (this failure was asked for)", k.service, k.noun, id, operation)
		if operation == Delete {
			return errors.New(reason)
		}
		return unfinished(id, outputs, reason)
	}
	return nil
}

// unfinished is the provider's error after which the engine keeps the resource in the state, and updates it the next time.
func unfinished(id string, outputs resource.PropertyMap, reason string) error {
	properties, err := plugin.MarshalProperties(outputs, plugin.MarshalOptions{KeepSecrets: true, KeepResources: true})
	if err != nil {
		return err
	}
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, reason),
		&pulumirpc.ErrorResourceInitFailed{Id: id, Properties: properties, Reasons: []string{reason}})
}
