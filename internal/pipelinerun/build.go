package pipelinerun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"slipway/internal/localaws"
)

// buildspec is what a project runs, as far as it is executed here.
type buildspec struct {
	Version string
	Env     struct {
		Shell    string
		Exported []string `yaml:"exported-variables"`
	}
	Phases    map[string]struct{ Commands []string }
	Artifacts struct {
		BaseDirectory string `yaml:"base-directory"`
		Files         []string
	}
}

// phases are those of CodeBuild, in order.
var phases = []string{"install", "pre_build", "build", "post_build"}

// build runs a project in a fresh folder: what it gets are the artifacts, its environment variables and its role, and nothing else.
func (r *Runner) build(ctx context.Context, e *Execution, a action) error {
	var p project
	if err := find(r.Account, projectType, a.Configuration["ProjectName"], &p); err != nil {
		return err
	}
	if err := r.may(e.definition.RoleArn, p.Arn, "codebuild:StartBuild", "codebuild:BatchGetBuilds"); err != nil {
		return err
	}
	if err := r.assumedByCodeBuild(p); err != nil {
		return err
	}
	if err := r.pulled(p); err != nil {
		return err
	}
	var spec buildspec
	decoder := yaml.NewDecoder(strings.NewReader(p.Source.Buildspec))
	decoder.KnownFields(true)
	if err := decoder.Decode(&spec); err != nil {
		return fmt.Errorf("the build specification of %s: %w", p.Name, err)
	}
	r.builds++
	folder := filepath.Join(r.Dir, fmt.Sprintf("build-%d-%s", r.builds, a.Name))
	environ, primary, err := r.buildEnvironment(e, a, p, folder)
	if err != nil {
		return err
	}
	exported, err := r.runCommands(ctx, spec, primary, environ)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	if a.Namespace != "" {
		e.variables[a.Namespace] = exported
	}
	for _, name := range a.OutputArtifacts {
		if err := r.keep(e, p.ServiceRole, name, filepath.Join(primary, spec.Artifacts.BaseDirectory), spec.Artifacts.Files); err != nil {
			return err
		}
	}
	return nil
}

// assumedByCodeBuild asks whether a build can start: CodeBuild takes on the project's role, and that writes the log.
func (r *Runner) assumedByCodeBuild(p project) error {
	decision, err := r.Account.Authorize(localaws.Call{Principal: "codebuild.amazonaws.com", Action: "sts:AssumeRole", Resource: p.ServiceRole,
		Context: map[string][]string{"aws:SourceAccount": {strings.Split(p.Arn, ":")[4]}}})
	if err == nil && !decision.Allowed {
		err = fmt.Errorf("AccessDenied: CodeBuild cannot take on %s: %s", p.ServiceRole, decision)
	}
	if err != nil {
		return err
	}
	var logs struct{ Arn string }
	if err := find(r.Account, logGroupType, p.LogsConfig.CloudwatchLogs.GroupName, &logs); err != nil {
		return err
	}
	return r.may(p.ServiceRole, logs.Arn+":log-stream:build", "logs:CreateLogStream", "logs:PutLogEvents")
}

var imageInEcr = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^@:]+)`)

// pulled asks whether the image that a project runs in can be pulled, where it is in ECR: by the role, or by CodeBuild itself.
func (r *Runner) pulled(p project) error {
	image := imageInEcr.FindStringSubmatch(p.Environment.Image)
	if image == nil {
		return nil
	}
	repository := fmt.Sprintf("arn:aws:ecr:%s:%s:repository/%s", image[2], image[1], image[3])
	for _, act := range []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"} {
		if p.Environment.ImagePullCredentialsType == "SERVICE_ROLE" {
			if err := errors.Join(r.May(p.ServiceRole, "ecr:GetAuthorizationToken", "*"), r.May(p.ServiceRole, act, repository)); err != nil {
				return err
			}
			continue
		}
		decision, err := r.Account.Authorize(localaws.Call{Principal: "codebuild.amazonaws.com", Action: act, Resource: repository,
			Context: map[string][]string{"aws:SourceAccount": {localaws.AccountID}, "aws:SourceArn": {p.Arn}}})
		if err == nil && !decision.Allowed {
			err = fmt.Errorf("AccessDenied: CodeBuild cannot pull the image of %s from %s: %s", p.Name, repository, decision)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// buildEnvironment unpacks the input artifacts, and returns the environment and the folder of the primary source. An action's variables
// count before the project's.
func (r *Runner) buildEnvironment(e *Execution, a action, p project, folder string) (environ []string, primary string, err error) {
	id := fmt.Sprintf("%s:00000000-0000-4000-8000-%012d", p.Name, r.builds)
	environ = append(environ, r.Environ...)
	environ = append(environ, localaws.RoleVariable+"="+p.ServiceRole,
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "CODEBUILD_BUILD_ID="+id, "CODEBUILD_BUILD_URL=https://console/"+id,
		"CODEBUILD_INITIATOR=codepipeline/"+e.definition.Name, "CODEBUILD_BUILD_ARN="+strings.Replace(p.Arn, ":project/", ":build/", 1))
	for n, name := range a.InputArtifacts {
		dir := filepath.Join(folder, name)
		if err := r.unpack(e, p.ServiceRole, name, dir); err != nil {
			return nil, "", err
		}
		if name == a.Configuration["PrimarySource"] || n == 0 && a.Configuration["PrimarySource"] == "" {
			primary = dir
			environ = append(environ, "CODEBUILD_SRC_DIR="+dir)
			continue
		}
		environ = append(environ, "CODEBUILD_SRC_DIR_"+name+"="+dir)
	}
	variables := p.Environment.EnvironmentVariables
	if text := a.Configuration["EnvironmentVariables"]; text != "" {
		var own []variable
		if err := json.Unmarshal([]byte(text), &own); err != nil {
			return nil, "", fmt.Errorf("EnvironmentVariables: %w", err)
		}
		variables = append(variables, own...)
	}
	for _, v := range variables {
		if v.Type != "" && v.Type != "PLAINTEXT" {
			return nil, "", fmt.Errorf("the variable %s is a %s; only PLAINTEXT is executed here", v.Name, v.Type)
		}
		value, err := e.resolve(v.Value)
		if err != nil {
			return nil, "", err
		}
		environ = append(environ, v.Name+"="+value)
	}
	return environ, primary, nil
}

// runCommands runs the phases in one shell, as CodeBuild does, and returns the variables that the project exports.
func (r *Runner) runCommands(ctx context.Context, spec buildspec, dir string, environ []string) (map[string]string, error) {
	if spec.Version != "0.2" || spec.Env.Shell != "bash" {
		return nil, fmt.Errorf("only build specifications of version 0.2 for bash are executed here, got %q and %q", spec.Version, spec.Env.Shell)
	}
	var script strings.Builder
	for _, phase := range phases {
		for _, command := range spec.Phases[phase].Commands {
			fmt.Fprintf(&script, "%s || exit\n", command)
		}
	}
	exports := dir + ".exports"
	for _, name := range spec.Env.Exported {
		fmt.Fprintf(&script, "printf '%%s\\0' \"%s=${%s-}\" >> '%s'\n", name, name, exports)
	}
	cmd := exec.CommandContext(ctx, "bash", "-c", script.String())
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, environ, r.Log, r.Log
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("the build failed: %w", err)
	}
	text, err := os.ReadFile(exports)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	exported := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(text), "\x00"), "\x00") {
		if name, value, ok := strings.Cut(line, "="); ok {
			exported[name] = value
		}
	}
	return exported, nil
}

// may asks for several actions.
func (r *Runner) may(role, resource string, actions ...string) error {
	for _, act := range actions {
		if err := r.May(role, act, resource); err != nil {
			return err
		}
	}
	return nil
}
