// Package doctor looks whether everything is there that deploying a stack takes, before a deployment finds out: what is installed, the account,
// the state backend, quotas, and what a stack's configuration names and does not make.
package doctor

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"gopkg.in/yaml.v3"

	"slipway/internal/awsaccess"
	"slipway/internal/localrun"
	"slipway/internal/stackfile"
	"slipway/internal/stacks"
)

// Doctor looks at a project, and at one of its stacks.
type Doctor struct {
	ProjectDir, Project string
	// Stack is one whose needs are looked at too; "" for none.
	Stack string

	report *Report
	place  *stacks.AWS
	values *yaml.Node // of the stack's configuration; of no keys without a stack
	fallen *yaml.Node // the defaults, in Pulumi.yaml
	cfg    aws.Config
	// backend is where pulumi keeps the state; "" where it is not logged in.
	backend string
	// state is the stack's, nil where there is none.
	state *stacks.State
}

// Run looks at everything. An error is about the arguments alone: what is missing is in the report.
func (d *Doctor) Run(ctx context.Context) (*Report, error) {
	d.report, d.place = &Report{}, &stacks.AWS{ProjectDir: d.ProjectDir}
	if err := d.readConfiguration(); err != nil {
		return nil, err
	}
	d.tools(ctx)
	if !d.account(ctx) {
		return d.report, nil // AWS answers nothing else either
	}
	d.stateBackend(ctx)
	if d.Stack == "" {
		d.networkQuotas(ctx)
		return d.report, nil
	}
	if d.isPipeline() {
		d.pipeline(ctx)
	} else {
		d.environment(ctx)
	}
	return d.report, nil
}

func (d *Doctor) readConfiguration() (err error) {
	path := filepath.Join(d.ProjectDir, "Pulumi.yaml")
	file, err := stackfile.Read(path)
	if err != nil {
		return err
	}
	if d.fallen, err = stackfile.Values(path, file); err != nil {
		return err
	}
	d.values = &yaml.Node{Kind: yaml.MappingNode}
	if d.Stack == "" {
		return nil
	}
	stacks, err := localrun.ConfiguredStacks(d.ProjectDir)
	if err != nil {
		return err
	}
	if stacks[d.Stack] == "" {
		return fmt.Errorf("there is no Pulumi.%s.yaml: the stack has no configuration; slipway doctor takes one that has", d.Stack)
	}
	d.values, err = localrun.ConfigValues(d.ProjectDir, d.Stack)
	return err
}

// value is a key's, or else its default.
func (d *Doctor) value(key string) string {
	if value := stackfile.Get(d.values, d.Project+":"+key); value != nil {
		return value.Value
	}
	if described := stackfile.Get(d.fallen, key); described != nil {
		return stackfile.Text(described, "default")
	}
	return ""
}

// object is a structured value of the stack's; nil for none.
func (d *Doctor) object(key string) *yaml.Node { return stackfile.Get(d.values, d.Project+":"+key) }

func (d *Doctor) isPipeline() bool {
	environments := d.object("pipelineEnvironments")
	return environments != nil && len(environments.Content) > 0
}

// account tells whether AWS answers.
func (d *Doctor) account(ctx context.Context) bool {
	access := awsaccess.OfConfiguration(d.values)
	var err error
	if d.cfg, err = access.Config(ctx, "slipway-doctor"); err != nil {
		d.report.add(Wrong, "AWS account", err.Error(), "set AWS_PROFILE, or aws:profile of the stack, to one of aws configure list-profiles")
		return false
	}
	if d.cfg.Region == "" {
		d.report.add(Missing, "AWS region", "neither the environment nor the stack's configuration has one", "export AWS_REGION=us-east-1")
		return false
	}
	who, err := awsaccess.WhoAmI(ctx, d.cfg)
	if err != nil {
		d.report.add(Wrong, "AWS account", awsaccess.Explain(err).Error(), "aws sso login, or set AWS_PROFILE; nothing in AWS was looked at")
		return false
	}
	d.report.add(OK, "AWS account", who.Account+", as "+who.ARN, "")
	from := "of the environment"
	if access.Region != "" {
		from = "of the stack's configuration"
	}
	d.report.add(OK, "AWS region", d.cfg.Region+", "+from, "")
	return true
}
