package doctor

import (
	"context"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"slipway/internal/awsaccess"
	"slipway/internal/stackfile"
)

// networkQuotas looks whether there is room for what a stack's network is made of.
func (d *Doctor) networkQuotas(ctx context.Context) {
	if d.value("sharedWith") != "" {
		return // another stack's is used
	}
	vpcs := 1
	if d.has("aws:ec2/vpc:Vpc") {
		vpcs = 0
	}
	var answer struct {
		VPCs []struct{} `xml:"vpcSet>item"`
	}
	d.countQuota(ctx, "VPCs", "vpc", "L-F678F1CE", vpcs, "DescribeVpcs", &answer, func() int { return len(answer.VPCs) })
	addresses := d.natGateways()
	if addresses == 0 {
		return
	}
	if d.has("aws:ec2/eip:Eip") {
		addresses = 0
	}
	var list struct {
		Addresses []struct{} `xml:"addressesSet>item"`
	}
	d.countQuota(ctx, "elastic IPs", "ec2", "L-0263D0A3", addresses, "DescribeAddresses", &list, func() int { return len(list.Addresses) })
}

// natGateways are those that egress asks for; each has an elastic IP.
func (d *Doctor) natGateways() int {
	switch d.value("egress") {
	case "nat":
		return 1
	case "nat-per-az":
		return d.number("zones")
	}
	return 0
}

// countQuota compares a quota with what is there and what the stack needs more.
func (d *Doctor) countQuota(ctx context.Context, what, service, code string, more int, action string, answer any, count func() int) {
	what = "quota of " + what
	limit, err := d.quota(ctx, service, code)
	if err == nil {
		err = awsaccess.Query(ctx, d.cfg, "ec2", "2016-11-15", action, xmlInto(answer))
	}
	if err != nil {
		d.report.add(Unknown, what, awsaccess.Explain(err).Error(), "")
		return
	}
	used := count()
	detail := fmt.Sprintf("%d of %g in use in %s", used, limit, d.cfg.Region)
	if more > 0 {
		detail += fmt.Sprintf(", needs %d", more)
	}
	if float64(used+more) > limit {
		d.report.add(Wrong, what, detail, increase(service, code, used+more, d.cfg.Region))
		return
	}
	d.report.add(OK, what, detail, "")
}

func increase(service, code string, to int, region string) string {
	return fmt.Sprintf("aws service-quotas request-service-quota-increase --service-code %s --quota-code %s --desired-value %d --region %s; or delete what nobody needs", service, code, to, region)
}

// quota is what the account may have.
func (d *Doctor) quota(ctx context.Context, service, code string) (float64, error) {
	client := servicequotas.NewFromConfig(d.cfg)
	applied, err := client.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &service, QuotaCode: &code})
	if err == nil && applied.Quota != nil && applied.Quota.Value != nil {
		return *applied.Quota.Value, nil
	}
	if err != nil && !awsaccess.HasCode(err, "NoSuchResourceException") {
		return 0, err
	}
	// One that the account has never used.
	standard, err := client.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &service, QuotaCode: &code})
	if err != nil {
		return 0, err
	}
	if standard.Quota == nil || standard.Quota.Value == nil {
		return 0, fmt.Errorf("AWS names no value of the quota %s %s", service, code)
	}
	return *standard.Quota.Value, nil
}

// vCPUs is what the stack's tasks have at the most, on Spot and not: all of them, and as many again while a deployment replaces them.
func (d *Doctor) vCPUs() (onDemand, spot float64) {
	add := func(count, cpu, spotWeight int) {
		all := 2 * float64(count*cpu) / 1024
		if spotWeight > 0 {
			spot += all
		}
		if spotWeight < 100 {
			onDemand += all
		}
	}
	add(d.number("webMaxCount"), d.number("webCpu"), d.number("webSpotWeight"))
	if d.value("queueWorkers") != "false" {
		add(d.number("workerMaxCount"), d.number("workerCpu"), d.number("workerSpotWeight"))
	}
	return onDemand, spot
}

func (d *Doctor) number(key string) int {
	n, err := strconv.Atoi(d.value(key))
	if err != nil {
		return 0 // the program says so
	}
	return n
}

func (d *Doctor) fargateQuotas(ctx context.Context) {
	onDemand, spot := d.vCPUs()
	for _, q := range []struct {
		what, code string
		needs      float64
	}{{"Fargate vCPUs", "L-3032A538", onDemand}, {"Fargate Spot vCPUs", "L-36FBB829", spot}} {
		if q.needs == 0 {
			continue
		}
		what := "quota of " + q.what
		limit, err := d.quota(ctx, "fargate", q.code)
		if err != nil {
			d.report.add(Unknown, what, awsaccess.Explain(err).Error(), "")
			continue
		}
		detail := fmt.Sprintf("%g in %s for all stacks; this one takes %g at its most, while a deployment replaces all tasks", limit, d.cfg.Region, q.needs)
		if q.needs > limit {
			d.report.add(Wrong, what, detail, increase("fargate", q.code, int(math.Ceil(q.needs)), d.cfg.Region))
			continue
		}
		d.report.add(OK, what, detail, "")
	}
}

func xmlInto(answer any) func([]byte) error {
	return func(text []byte) error { return xml.Unmarshal(text, answer) }
}

// text is a value of an object of the configuration.
func (d *Doctor) text(key, field string) string {
	object := d.object(key)
	if object == nil {
		return ""
	}
	return strings.TrimSpace(stackfile.Text(object, field))
}
