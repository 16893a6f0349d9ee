package awsaccess

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

func TestOfConfiguration(t *testing.T) {
	for name, test := range map[string]struct {
		configuration, role string
		want                Access
	}{
		"nothing":             {},
		"all":                 {configuration: "{'aws:region': eu-central-1, 'aws:profile': work, 'aws:assumeRole': {roleArn: 'arn:role'}}", want: Access{"eu-central-1", "work", "arn:role"}},
		"a run's role counts": {configuration: "{'aws:assumeRole': {roleArn: 'arn:role'}}", role: "arn:other", want: Access{RoleArn: "arn:other"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("STACK_ROLE_ARN", test.role)
			values := &yaml.Node{Kind: yaml.MappingNode}
			if test.configuration != "" {
				var document yaml.Node
				require.NoError(t, yaml.Unmarshal([]byte(test.configuration), &document))
				values = document.Content[0]
			}
			assert.Equal(t, test.want, OfConfiguration(values))
		})
	}
}

func TestConfig(t *testing.T) {
	for name, value := range map[string]string{"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1"} {
		t.Setenv(name, value)
	}
	for given, want := range map[string]int{"": 6, "2": 2} {
		t.Setenv("AWS_MAX_ATTEMPTS", given)
		cfg, err := Access{Region: "eu-central-1"}.Config(t.Context(), "slipway-test")
		require.NoError(t, err)
		assert.Equal(t, "eu-central-1", cfg.Region)
		assert.Equal(t, aws.RetryModeAdaptive, cfg.RetryMode)
		assert.Equal(t, want, sts.NewFromConfig(cfg).Options().Retryer.MaxAttempts(), "the environment counts")
	}
	_, err := Access{Profile: "none"}.Config(t.Context(), "slipway-test")
	require.ErrorContains(t, err, "none")
}

// refusal is an error as the SDK has it for a call that was refused.
func refusal(code, message string) error {
	return &smithy.OperationError{ServiceID: "ECS", OperationName: "RunTask", Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"ExpiredTokenException":       "ECS RunTask: the AWS credentials have expired; sign in again, such as with aws sso login, and repeat the command (ExpiredTokenException: no way)",
		"UnrecognizedClientException": "ECS RunTask: AWS does not know these credentials",
		"InvalidSignatureException":   "ECS RunTask: AWS refuses the signature",
		"AccessDeniedException":       "ECS RunTask: the AWS credentials may not do this; take others, or have the action allowed (AccessDeniedException: no way)",
		"ThrottlingException":         "ECS RunTask: AWS had too many requests from this account, and again after waiting; repeat the command in a minute",
		"ClientException":             "ECS RunTask: ClientException: no way",
	} {
		err := Explain(refusal(code, "no\n way."))
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "\n")
		var answer smithy.APIError
		assert.ErrorAs(t, err, &answer, "it stays what it is")
	}
	other := errors.New("other")
	assert.Equal(t, other, Explain(other))
	assert.Equal(t, context.Canceled, Explain(context.Canceled))
	assert.NoError(t, Explain(nil))
	noHost := Explain(&smithy.OperationError{ServiceID: "ECS", OperationName: "RunTask", Err: &net.DNSError{Name: "ecs.eu-north-9.amazonaws.com"}})
	assert.EqualError(t, noHost, "ECS RunTask: there is no host ecs.eu-north-9.amazonaws.com: no network, or no such region; look at aws:region in the stack's configuration")
}

// What the SDK says where there are no credentials, or no answer, is its own: a change of it must not go unseen.
func TestExplainWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, test := range map[string]struct {
		credentials aws.CredentialsProvider
		want        string
	}{
		"no credentials": {credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("no EC2 IMDS role found")
		}), want: "STS GetCallerIdentity: there are no AWS credentials; set AWS_PROFILE, or sign in with aws sso login"},
		"the sign-on is over": {credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("failed to refresh cached credentials, refresh cached SSO token failed")
		}), want: "STS GetCallerIdentity: the AWS sign-on has expired; sign in again with aws sso login, and repeat the command"},
		"nobody listens": {credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), want: "STS GetCallerIdentity: AWS did not answer: connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := sts.New(sts.Options{Region: "eu-central-1", BaseEndpoint: &closed.URL, Retryer: aws.NopRetryer{}, Credentials: test.credentials})
			_, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
			assert.EqualError(t, Explain(err), test.want)
		})
	}
}
