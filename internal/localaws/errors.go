package localaws

import "fmt"

// apiError is a refusal as AWS gives it: a code that scripts and people search for, and a message.
type apiError struct{ code, message string }

func (e *apiError) Error() string { return fmt.Sprintf("api error %s: %s", e.code, e.message) }

// refuse makes an apiError.
func refuse(code, format string, args ...any) *apiError {
	return &apiError{code, fmt.Sprintf(format, args...)}
}

// operation wraps a refusal as the AWS provider reports one:
// creating EC2 Subnet: operation error EC2: CreateSubnet, api error InvalidSubnet.Range: ...
func (k *kind) operation(verb, doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s %s: operation error %s: %s%s, %w", doing, k.service, k.noun, k.service, verb, k.noun, err)
}
