package localaws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLogDeliveryCheck(t *testing.T) {
	t.Parallel()
	const cloudFront = "arn:aws:cloudfront::123456789012:distribution/E1"
	checkAll(t, map[string]checkCase{
		"a name with a dot":      {deliverySourceType, map[string]any{"name": "a.b", "logType": "ACCESS_LOGS", "resourceArn": cloudFront}, "name: ValidationException"},
		"logs that do not exist": {deliverySourceType, map[string]any{"logType": "ERROR_LOGS", "resourceArn": cloudFront}, "logType: expected"},
		"a format that is none":  {deliveryDestinationType, map[string]any{"outputFormat": "csv", "deliveryDestinationConfiguration": map[string]any{"destinationResourceArn": "arn:aws:s3:::logs"}}, "outputFormat: expected"},
		"parquet to a log group": {deliveryDestinationType, map[string]any{"outputFormat": "parquet", "deliveryDestinationConfiguration": map[string]any{"destinationResourceArn": "arn:aws:logs:us-east-1:123456789012:log-group:a"}}, "outputFormat: ValidationException"},
		"a destination's long name": {deliveryDestinationType, map[string]any{"name": "a23456789-123456789-123456789-123456789-123456789-123456789-1",
			"deliveryDestinationConfiguration": map[string]any{"destinationResourceArn": "arn:aws:s3:::logs"}}, "at most 60"},
	})
	_, failures := newEmbedded(t).in("eu-central-1").check(deliverySourceType, "x", map[string]any{"logType": "ACCESS_LOGS", "resourceArn": cloudFront})
	require.Len(t, failures, 1)
	assert.Contains(t, failures[0], "resourceArn: ValidationException: CloudFront is a source of logs in us-east-1 only, and this is eu-central-1")
}

func TestLogDelivery(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	bucket := e.in("eu-central-1").create(bucketType, "logs", map[string]any{})
	site := e.create(distributionType, "site", siteDistribution(nil))
	sourceInputs := map[string]any{"logType": "ACCESS_LOGS", "resourceArn": site["arn"]}
	source := e.create(deliverySourceType, "site", sourceInputs)
	assert.Equal(t, "cloudfront", source["service"])
	assert.Equal(t, "arn:aws:logs:us-east-1:123456789012:delivery-source:"+source["name"].(string), source["arn"])
	_, err := e.tryCreate(deliverySourceType, "again", sourceInputs)
	refused(t, err, "ConflictException")
	_, err = e.tryCreate(deliverySourceType, "gone", with(sourceInputs, map[string]any{"resourceArn": "arn:aws:cloudfront::123456789012:distribution/E0"}))
	refused(t, err, "ResourceNotFoundException")

	destination := e.deploy(deliveryDestinationType, "site", map[string]any{"outputFormat": "json", "deliveryDestinationConfiguration": map[string]any{"destinationResourceArn": bucket["arn"]}})
	assert.Equal(t, "S3", destination.text("deliveryDestinationType"))
	assert.Equal(t, []string{"outputFormat"}, destination.replaces(with(map[string]any{"outputFormat": "plain"}, map[string]any{"deliveryDestinationConfiguration": map[string]any{"destinationResourceArn": bucket["arn"]}})))

	inputs := map[string]any{"deliverySourceName": source["name"], "deliveryDestinationArn": destination.text("arn")}
	_, err = e.in("eu-central-1").tryCreate(deliveryType, "elsewhere", inputs)
	refused(t, err, "ResourceNotFoundException")
	delivery := e.deploy(deliveryType, "site", inputs)
	_, err = e.tryCreate(deliveryType, "twice", inputs)
	refused(t, err, "ConflictException")
	refused(t, e.remove(deliverySourceType, "site", source["id"].(string)), "ConflictException")
	refused(t, destination.delete(), "ConflictException")
	require.NoError(t, delivery.delete())
	require.NoError(t, destination.delete())
	require.NoError(t, e.remove(deliverySourceType, "site", source["id"].(string)))
}
