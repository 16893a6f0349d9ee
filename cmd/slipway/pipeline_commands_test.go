package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"slipway/internal/localaws"
	"slipway/internal/localrun"
	"strings"
)

// What the commands of a build find out about where they are.
const (
	inLocal    = "SLIPWAY_TEST_LOCAL"    // the directory of the embedded AWS and of Pulumi's state
	withCLI    = "SLIPWAY_TEST_CLI"      // the pulumi executable
	atRegistry = "SLIPWAY_TEST_REGISTRY" // the registry that plays ECR
	atAWS      = "AWS_ENDPOINT_URL"      // the server that plays SQS, STS and CodePipeline
)

var ecr = regexp.MustCompile(`\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com`)

// actPulumi is pulumi on PATH: the real one, on the embedded AWS of all builds.
func actPulumi(args []string) int {
	session := &localrun.Session{
		Dir: os.Getenv(inLocal), CLI: os.Getenv(withCLI),
		Attach: func(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
			return localaws.Serve(ctx, localaws.Options{Dir: dir, ProjectDir: projectDir, Role: os.Getenv(localaws.RoleVariable)})
		},
	}
	err := session.Run(context.Background(), args...)
	var exit *localrun.ExitError
	switch {
	case errors.As(err, &exit):
		return exit.Code
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// actSlipway is bin/slipway, with ECR at the registry of the test, and with the credentials of the build's role.
func actSlipway(args []string) int {
	stdout := io.Writer(os.Stdout)
	var image bytes.Buffer
	if role := os.Getenv(localaws.RoleVariable); role != "" {
		for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": path.Base(role), "AWS_SECRET_ACCESS_KEY": "x", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
			os.Setenv(name, value)
		}
		switch {
		case len(args) > 0 && args[0] == "image":
			host := ecr.FindString(strings.Join(args, " "))
			for i := range args {
				args[i] = ecr.ReplaceAllString(args[i], os.Getenv(atRegistry))
			}
			stdout = &image
			defer func() { fmt.Print(strings.ReplaceAll(image.String(), os.Getenv(atRegistry), host)) }()
		case len(args) > 0 && args[0] == "smoke":
			args = append(args, "--web-timeout", "0s")
		}
	}
	return execute(context.Background(), args, os.Stdin, stdout, os.Stderr)
}

// actAWS is the AWS CLI: what the build's role may not do is refused.
func actAWS(args []string) int {
	option := func(name string) string {
		if i := slices.Index(args, name); i >= 0 && i+1 < len(args) {
			return args[i+1]
		}
		return ""
	}
	form := url.Values{"command": {strings.Join(args[:min(2, len(args))], " ")}, "role": {os.Getenv(localaws.RoleVariable)}, "last": {args[len(args)-1]},
		"execution": {option("--pipeline-execution-id")}, "revisions": {option("--source-revisions")}, "pipeline": {option("--name") + option("--pipeline-name")}}
	answer, err := http.PostForm(os.Getenv(atAWS)+"/cli", form)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK {
		fmt.Fprintf(os.Stderr, "%s\n", text)
		return 254
	}
	fmt.Printf("%s\n", text)
	return 0
}

// actDockerPush pushes something that is new, with the build's role.
func actDockerPush(tag string) int {
	if os.Getenv(localaws.RoleVariable) != "" {
		if code := actAWS([]string{"docker", "push", ecr.ReplaceAllString(strings.Split(path.Base(tag), ":")[0], "")}); code != 0 {
			return code
		}
		tag = ecr.ReplaceAllString(tag, os.Getenv(atRegistry))
	}
	if err := pushAnything(tag); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
