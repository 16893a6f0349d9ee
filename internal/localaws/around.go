package localaws

import (
	"context"
	"errors"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// around has Options.Around called. What the engine only previews is not done, so it is left out.
func (o Options) around() []grpc.ServerOption {
	if o.Around == nil {
		return nil
	}
	return []grpc.ServerOption{grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (answer any, err error) {
		err = errors.New("the request did not reach the embedded AWS")
		do := func() { answer, err = handle(ctx, req) }
		switch r := req.(type) {
		case *pulumirpc.CreateRequest:
			if !r.GetPreview() {
				o.Around(Create, r.GetUrn(), do)
				return answer, err
			}
		case *pulumirpc.UpdateRequest:
			if !r.GetPreview() {
				o.Around(Update, r.GetUrn(), do)
				return answer, err
			}
		case *pulumirpc.DeleteRequest:
			o.Around(Delete, r.GetUrn(), do)
			return answer, err
		}
		do()
		return answer, err
	})}
}
