package cost

// The prices are those of us-east-1, on demand, in US dollars, as quoted in 2026 by third parties: check the ones that
// matter to you with AWS. Free tiers, taxes and discounts are not in them.
const (
	pricesOf = "us-east-1"

	// hours of a month, as AWS's own calculator counts them.
	hours = 730

	fargateARMCpu    = 0.03238 // vCPU-hour
	fargateARMMemory = 0.00356 // GB-hour
	fargateX86Cpu    = 0.04048
	fargateX86Memory = 0.004445
	// fargateSpot is what is left of Fargate's price on Spot: up to 70 % is taken off.
	fargateSpot = 0.3

	loadBalancerHour = 0.0225
	natGatewayHour   = 0.045
	endpointHour     = 0.01  // interface endpoint, for each zone
	publicIPv4Hour   = 0.005 // of a task, a load balancer or a NAT gateway

	auroraUnitHour  = 0.12 // Aurora capacity unit of Serverless v2
	secretMonth     = 0.40
	keyMonth        = 1.00 // customer-managed KMS key
	alarmMonth      = 0.10 // for each metric that an alarm of standard resolution looks at
	metricMonth     = 0.30 // custom metric, which those of Container Insights are
	registryGBMonth = 0.10
	webAclMonth     = 5.00
	webAclRuleMonth = 1.00
	pipelineV1Month = 1.00 // a pipeline of type V1 that is older than 30 days and has run in the month
	// From the price lists of CloudWatch and Route 53. The first three dashboards of an account are free; that is not
	// taken off.
	dashboardMonth  = 3.00
	hostedZoneMonth = 0.50
)

// registryGB is the size of the images that a repository is taken to hold.
const registryGB = 1
