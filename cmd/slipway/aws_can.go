package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/localaws"
	"slipway/internal/localrun"
)

func awsCanCommand(dir *string) *cobra.Command {
	var context []string
	can := &cobra.Command{
		Use:   "can PRINCIPAL ACTION RESOURCE",
		Short: "Say whether IAM allows a call, and by which statement",
		Long: `Say whether IAM allows a call, from the policies as they are in the embedded AWS: the role's, the resource's, and the trust
policy of a role that is assumed. The principal is a role, by name or ARN, or a service such as cloudfront.amazonaws.com; the
resource is an ARN, or * for an action that knows none.

A call has TLS unless --context aws:SecureTransport=false is given. What a condition asks for and the call does not have, --context
gives as well; a key that is given twice has both values.

Exit codes: 0 when it is allowed; 1 when it is denied, or cannot be answered.`,
		Example: `  slipway local aws can web-task-role-2a62530 sqs:SendMessage arn:aws:sqs:us-east-1:123456789012:queue-queue-20f2904
  slipway local aws can web-execution-role-7fd1179 ecr:GetAuthorizationToken '*'
  slipway local aws can ecs-tasks.amazonaws.com sts:AssumeRole arn:aws:iam::123456789012:role/web-task-role-2a62530 --context aws:SourceAccount=123456789012`,
		Args: takes(cobra.ExactArgs(3)),
		RunE: func(cmd *cobra.Command, args []string) error {
			call := localaws.Call{Principal: args[0], Action: args[1], Resource: args[2], Context: map[string][]string{}}
			for _, pair := range context {
				key, value, ok := strings.Cut(pair, "=")
				if !ok || key == "" {
					return &localrun.UsageError{Err: fmt.Errorf("%s: --context takes a key and a value such as aws:SourceAccount=123456789012, got %q", cmd.CommandPath(), pair)}
				}
				call.Context[key] = append(call.Context[key], value)
			}
			account, err := openAccount(*dir)
			if err != nil {
				return err
			}
			decision, err := account.Authorize(call)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), decision); err != nil || decision.Allowed {
				return err
			}
			return &localrun.ExitError{Code: 1}
		},
	}
	can.Flags().StringArrayVar(&context, "context", nil, "a condition key and its value, such as aws:SourceAccount=123456789012; may be repeated")
	return can
}
