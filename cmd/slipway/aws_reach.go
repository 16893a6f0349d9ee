package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"slipway/internal/localrun"
	"slipway/internal/netreach"
)

func awsReachCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "reach FROM TO PORT",
		Short: "Say whether one thing can open a TCP connection to another, and by which rules and routes",
		Long: `Say whether one thing can open a TCP connection to another, from the security groups, subnets, routes, endpoints and public addresses
as they are in the embedded AWS. FROM and TO are world, which is everybody on the internet, or by name, id or ARN an ECS service, a
schedule of tasks, a load balancer, an RDS cluster; TO is also an interface endpoint, or a service of AWS such as
com.amazonaws.us-east-1.sqs.

There is a line for each pair of subnets. Exit codes: 0 when all of them are open; 1 when one is not, or when it cannot be answered.`,
		Example: `  slipway local aws reach world web-alb-f14166d 443
  slipway local aws reach workers-service-fc92d41 database-eaed882 5432
  slipway local aws reach workers-service-fc92d41 com.amazonaws.us-east-1.sqs 443`,
		Args: takes(cobra.ExactArgs(3)),
		RunE: func(cmd *cobra.Command, args []string) error {
			port, err := strconv.Atoi(args[2])
			if err != nil {
				return &localrun.UsageError{Err: fmt.Errorf("%s: the port is a number, got %q", cmd.CommandPath(), args[2])}
			}
			account, err := openAccount(*dir)
			if err != nil {
				return err
			}
			objects, err := account.List()
			if err != nil {
				return err
			}
			reach, err := netreach.Of(objects).Reach(netreach.Connection{From: args[0], To: args[1], Port: port})
			if err != nil {
				return err
			}
			if err := writeReach(cmd.OutOrStdout(), reach); err != nil || reach.Verdict() == netreach.Open {
				return err
			}
			return &localrun.ExitError{Code: 1}
		},
	}
}

func writeReach(w io.Writer, reach netreach.Reach) error {
	if _, err := fmt.Fprintln(w, reach.Verdict()); err != nil {
		return err
	}
	for _, p := range reach {
		if _, err := fmt.Fprintf(w, "  %s from %s to %s: %s\n", p.Verdict, p.From, p.To, p.Why); err != nil {
			return err
		}
	}
	return nil
}
