package awsaccess

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
)

// Explain says in one line what AWS's refusal means and what to do. An error that is not AWS's stays as it is.
func Explain(err error) error {
	var already *explainedError
	if err == nil || errors.Is(err, context.Canceled) || errors.As(err, &already) {
		return err
	}
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return err
	}
	call := operation.Service() + " " + operation.Operation()
	var answer smithy.APIError
	if errors.As(err, &answer) {
		code, message := answer.ErrorCode(), strings.TrimSuffix(strings.Join(strings.Fields(answer.ErrorMessage()), " "), ".")
		if explained := byCode(code); explained != "" {
			return &explainedError{err, fmt.Sprintf("%s: %s (%s: %s)", call, explained, code, message)}
		}
		return &explainedError{err, fmt.Sprintf("%s: %s: %s", call, code, message)}
	}
	return &explainedError{err, call + ": " + withoutAnswer(err)}
}

func byCode(code string) string {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return "the AWS credentials have expired; sign in again, such as with aws sso login, and repeat the command"
	case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure":
		return "AWS does not know these credentials; look which account they are of: aws sts get-caller-identity"
	case "SignatureDoesNotMatch", "InvalidSignatureException":
		return "AWS refuses the signature: the secret key is wrong, or this machine's clock"
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "AuthorizationErrorException":
		return "the AWS credentials may not do this; take others, or have the action allowed"
	case "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException", "RequestThrottled":
		return "AWS had too many requests from this account, and again after waiting; repeat the command in a minute"
	case "OptInRequired", "UnrecognizedRegion":
		return "the account does not use this region; look at aws:region in the stack's configuration"
	}
	return ""
}

// withoutAnswer is about calls that AWS has not answered.
func withoutAnswer(err error) string {
	var sso *ssocreds.InvalidTokenError
	var dns *net.DNSError
	switch said := InWords(err.Error()); {
	case errors.As(err, &sso):
		return signedOut
	case said != "":
		return said
	case errors.As(err, &dns):
		return fmt.Sprintf("there is no host %s: no network, or no such region; look at aws:region in the stack's configuration", dns.Name)
	}
	cause := err
	for errors.Unwrap(cause) != nil {
		cause = errors.Unwrap(cause)
	}
	return "AWS did not answer: " + cause.Error()
}

const signedOut = "the AWS sign-on has expired; sign in again with aws sso login, and repeat the command"

// InWords is what a text about credentials means that some client of AWS has written, pulumi's backend for one; "" for any other.
func InWords(text string) string {
	has := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case has("SSO session has expired"), has("refresh cached SSO token"):
		return signedOut
	case has("ExpiredToken"):
		return byCode("ExpiredToken")
	case has("InvalidClientTokenId"), has("InvalidAccessKeyId"):
		return byCode("InvalidClientTokenId")
	case has("get credentials"), has("no EC2 IMDS role found"), has("no valid credential sources"):
		return "there are no AWS credentials; set AWS_PROFILE, or sign in with aws sso login"
	}
	return ""
}

// explainedError reads as its text and is what it was.
type explainedError struct {
	cause error
	text  string
}

func (e *explainedError) Error() string { return e.text }
func (e *explainedError) Unwrap() error { return e.cause }
