package shell

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// pluginName is the program that AWS's own command line has such sessions shown by.
const (
	pluginName = "session-manager-plugin"
	pluginHelp = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"
)

// sessionVariable is where the plugin takes the session from: its token must not be among the arguments, which others on
// the machine can see. It does so since the version after the last one that does not.
const sessionVariable = "AWS_SSM_START_SESSION_RESPONSE"

var lastWithout = []int{1, 2, 497}

func findPlugin(ctx context.Context) (program string, err error) {
	if program, err = exec.LookPath(pluginName); err != nil {
		return "", fmt.Errorf("there is no %s on PATH, which shells are shown by; %s says how to install it", pluginName, pluginHelp)
	}
	out, err := exec.CommandContext(ctx, program, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", program, err)
	}
	version := strings.TrimSpace(string(out))
	if !newer(version) {
		return "", fmt.Errorf("%s is version %s; it has to be newer than 1.2.497, which takes the session's token as an argument that others on this machine can see; %s", program, version, pluginHelp)
	}
	return program, nil
}

func newer(version string) bool {
	var numbers []int
	for _, part := range strings.Split(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return false
		}
		numbers = append(numbers, n)
	}
	return slices.Compare(numbers[:min(len(numbers), len(lastWithout))], lastWithout) > 0
}

// pluginCommand calls the plugin as AWS's own command line does.
func pluginCommand(program, region string, session *types.Session, target string) (*exec.Cmd, error) {
	response, err := json.Marshal(map[string]string{
		"SessionId": aws.ToString(session.SessionId), "StreamUrl": aws.ToString(session.StreamUrl), "TokenValue": aws.ToString(session.TokenValue),
	})
	if err != nil {
		return nil, err
	}
	parameters, err := json.Marshal(map[string]string{"Target": target})
	if err != nil {
		return nil, err
	}
	endpoint := fmt.Sprintf("https://ssm.%s.amazonaws.com", region)
	if strings.HasPrefix(region, "cn-") {
		endpoint += ".cn"
	}
	cmd := exec.Command(program, sessionVariable, region, "StartSession", "", string(parameters), endpoint)
	cmd.Env = append(os.Environ(), sessionVariable+"="+string(response))
	return cmd, nil
}
