package localaws

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
)

const (
	deliverySourceType      = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	deliveryDestinationType = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	deliveryType            = "aws:cloudwatch/logDelivery:LogDelivery"
)

// deliveryName is what PutDeliverySource and PutDeliveryDestination take.
var deliveryName = regexp.MustCompile(`^[\w-]{1,60}$`)

// logDeliveryKinds are the resource types that deliver the logs of services ("vended logs, version 2").
func logDeliveryKinds() []*kind {
	const service = "CloudWatch Logs"
	named := &naming{property: "name", most: 60}
	heldByDelivery := &inUse{code: "ConflictException", by: []string{deliveryType}}
	return []*kind{
		of(cloudwatch.LogDeliverySourceArgs{}, cloudwatch.LogDeliverySource{}, kind{service: service, noun: "DeliverySource", idFrom: "name", named: named,
			unique: map[string]string{"id": "ConflictException"}, replace: []string{"name", "logType", "resourceArn"},
			references: map[string]reference{"resourceArn": {types: []string{distributionType}, code: "ResourceNotFoundException", message: "Cannot find the resource %s, or it sends no logs"}},
			check:      checkDeliverySource, admit: admitDeliverySource, inUse: heldByDelivery,
			compute: func(d *draft) {
				d.set("arn", d.arn("logs", "delivery-source:"+d.id))
				d.set("service", serviceOf(d.text("resourceArn")))
			}}),
		of(cloudwatch.LogDeliveryDestinationArgs{}, cloudwatch.LogDeliveryDestination{}, kind{service: service, noun: "DeliveryDestination", idFrom: "name", named: named,
			unique: map[string]string{"id": "ConflictException"}, replace: []string{"name", "outputFormat"},
			references: map[string]reference{"deliveryDestinationConfiguration.destinationResourceArn": {types: []string{bucketType, logGroupType}, code: "ResourceNotFoundException", message: "The destination resource does not exist: %s"}},
			check:      checkDeliveryDestination, inUse: heldByDelivery,
			compute: func(d *draft) {
				d.set("arn", d.arn("logs", "delivery-destination:"+d.id))
				d.set("deliveryDestinationType", map[string]string{"s3": "S3", "logs": "CWL", "firehose": "FH"}[serviceOf(d.text("deliveryDestinationConfiguration.destinationResourceArn"))])
			}}),
		of(cloudwatch.LogDeliveryArgs{}, cloudwatch.LogDelivery{}, kind{service: service, noun: "Delivery", id: func(d *draft) string { return d.hex(16) },
			replace: []string{"deliveryDestinationArn", "deliverySourceName"},
			references: map[string]reference{
				"deliveryDestinationArn": {types: []string{deliveryDestinationType}, code: "ResourceNotFoundException", message: "Cannot find the delivery destination %s"},
				"deliverySourceName":     {types: []string{deliverySourceType}, code: "ResourceNotFoundException", message: "Cannot find the delivery source %s"},
			},
			admit:   admitDelivery,
			compute: func(d *draft) { d.set("arn", d.arn("logs", "delivery:"+d.id)) }}),
	}
}

// serviceOf is the service in an ARN.
func serviceOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 4); len(parts) == 4 {
		return parts[2]
	}
	return ""
}

func (c *checking) checkDeliveryName() {
	if name := c.text("name"); name != "" && !deliveryName.MatchString(name) {
		c.fail("name", "ValidationException: Value %q at 'name' failed to satisfy constraint: letters, digits, underscores and hyphens, at most 60", name)
	}
}

// checkDeliverySource refuses CloudFront's logs from elsewhere than us-east-1, where all of CloudFront's are.
func checkDeliverySource(c *checking) {
	c.checkDeliveryName()
	if serviceOf(c.text("resourceArn")) != "cloudfront" {
		return
	}
	if c.region != "us-east-1" {
		c.fail("resourceArn", "ValidationException: CloudFront is a source of logs in us-east-1 only, and this is %s; give the resource a provider for us-east-1", c.region)
	}
	c.oneOf("logType", "ACCESS_LOGS", "CONNECTION_LOGS")
}

func checkDeliveryDestination(c *checking) {
	c.checkDeliveryName()
	c.oneOf("outputFormat", "json", "plain", "w3c", "raw", "parquet")
	if c.text("outputFormat") == "parquet" && serviceOf(c.text("deliveryDestinationConfiguration.destinationResourceArn")) == "logs" {
		c.fail("outputFormat", "ValidationException: parquet is for Amazon S3 only")
	}
}

// admitDeliverySource refuses a second source of the same logs.
func admitDeliverySource(a *admission) error {
	return a.others(deliverySourceType, func(o *Object) error {
		if o.text("resourceArn") == a.text("resourceArn") && o.text("logType") == a.text("logType") {
			return refuse("ConflictException", "This ResourceId has already been used in another Delivery Source in this account: %s", o.ID)
		}
		return nil
	})
}

func admitDelivery(a *admission) error {
	source := a.account.lookup(a.text("deliverySourceName"), deliverySourceType)
	destination := a.account.lookup(a.text("deliveryDestinationArn"), deliveryDestinationType)
	if source.Region != a.region || destination.Region != a.region {
		return refuse("ResourceNotFoundException", "The delivery source %s (%s) and the delivery destination %s (%s) must be in this region, %s", source.ID, source.Region, destination.ID, destination.Region, a.region)
	}
	return a.others(deliveryType, func(o *Object) error {
		if o.text("deliverySourceName") == a.text("deliverySourceName") && o.text("deliveryDestinationArn") == a.text("deliveryDestinationArn") {
			return refuse("ConflictException", "A delivery already exists for the delivery source %s and this destination", source.ID)
		}
		return nil
	})
}
