// Package components holds Slipway's reusable components. Each takes a Dockerised web application one step to AWS and
// is wired to the others by outputs:
//
//	network, err := components.NewVpc(ctx, "app", &components.VpcArgs{})
//	database, err := components.NewAuroraServerless(ctx, "app", &components.AuroraServerlessArgs{
//		VpcId: network.VpcId, SubnetIds: network.IsolatedSubnetIds})
//
// Every constructor has the shape NewX(ctx, name, args, opts...), reports all wrong arguments at once before it
// registers anything, and makes every resource a descendant of its component. Logical names are <name>-<role>;
// physical names are left to Pulumi's auto-naming, so that many stacks live in one account.
package components
