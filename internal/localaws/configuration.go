package localaws

import (
	"context"
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/grpc/peer"
)

// configuration is what the embedded AWS takes from a provider's configuration.
type configuration struct {
	// scope is the account of the role that the provider takes on, and its region.
	scope
	defaultTags resource.PropertyMap
	// role is who the provider instance acts as. Empty: the account's user.
	role string
	// checked says that it may do only what the role's policies allow.
	checked bool
}

var regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)

func (p *provider) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	resp := plugin.CheckConfigResponse{Properties: req.News}
	if p.pkg != "aws" {
		return resp, nil
	}
	region := plain(req.News["region"])
	switch {
	case region.IsComputed():
	case !region.IsString():
		resp.Failures = []plugin.CheckFailure{{Property: "region", Reason: "missing required configuration key \"aws:region\": set it with `pulumi config set aws:region us-east-1`"}}
	case !regionName.MatchString(region.StringValue()):
		resp.Failures = []plugin.CheckFailure{{Property: "region", Reason: fmt.Sprintf("aws:region: invalid AWS Region: %s; it takes a region's name such as us-east-1", region.StringValue())}}
	}
	if role := assumedRole(req.News); role != "" && !roleARN.MatchString(role) {
		resp.Failures = append(resp.Failures, plugin.CheckFailure{Property: "assumeRole", Reason: fmt.Sprintf(
			"aws:assumeRole: got %q, takes the ARN of a role; set it with `pulumi config set --path aws:assumeRole.roleArn arn:aws:iam::%s:role/deploy`", role, AccountID)})
	}
	return resp, nil
}

// DiffConfig replaces the provider, and so everything, for another region. With anything else changed, such as the role that it takes on,
// it is configured anew; a provider that is unchanged goes on as it was configured before.
func (p *provider) DiffConfig(_ context.Context, req plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	switch {
	case !req.OldInputs["region"].DeepEquals(req.NewInputs["region"]):
		return plugin.DiffResult{Changes: plugin.DiffSome, ReplaceKeys: []resource.PropertyKey{"region"}}, nil
	case !req.OldInputs.DeepEquals(req.NewInputs):
		return plugin.DiffResult{Changes: plugin.DiffSome}, nil
	}
	return plugin.DiffResult{Changes: plugin.DiffNone}, nil
}

func (p *provider) Configure(ctx context.Context, req plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	c := configuration{scope: home}
	if region := plain(req.Inputs["region"]); region.IsString() {
		c.region = region.StringValue()
	}
	if tags := texts(req.Inputs["defaultTags"], ""); len(tags) == 1 { // provider configuration arrives as JSON in a string
		c.defaultTags = parseDefaultTags(tags[0])
	}
	if p.pkg == "aws" {
		c.role, c.checked = orDefault(assumedRole(req.Inputs), p.role), p.role != ""
		c.accountID = orDefault(accountOf(c.role), AccountID)
		if c.checked {
			if err := p.account.at(c.scope).takeOn(p.role, c.role); err != nil {
				return plugin.ConfigureResponse{}, err
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.configured[instance(ctx)] = c
	return plugin.ConfigureResponse{}, nil
}

func (p *provider) configuration(ctx context.Context) configuration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.configured[instance(ctx)]
}

// instance tells the attached provider instances apart: each has a connection of its own.
func instance(ctx context.Context) string {
	if from, ok := peer.FromContext(ctx); ok {
		return from.Addr.String()
	}
	return ""
}
