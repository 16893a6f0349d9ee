package limits

import (
	"errors"
	"regexp"
)

// SecretRecoveryWindow checks for how many days a deleted secret can be restored (DeleteSecret, RecoveryWindowInDays).
func SecretRecoveryWindow(days int) error {
	if between(days, 7, 30, "days") == nil {
		return nil
	}
	return errors.New("days from 7 to 30, or none with Ephemeral")
}

// SecretLength checks the characters of a generated secret. GetRandomPassword makes 4096 at most; fewer than 32 letters and
// digits would be less than 190 bits.
func SecretLength(length int) error { return between(length, 32, 4096, "characters") }

// SecretDescription checks what a secret is described with (CreateSecret, Description).
func SecretDescription(text string) error {
	if len(text) <= 2048 {
		return nil
	}
	return errors.New("a text of at most 2048 bytes")
}

var secretARN = regexp.MustCompile(`^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@!-]+|ssm:[a-z0-9-]+:\d{12}:parameter/[\w/.-]+)$`)

// SecretARN checks what ECS injects: a secret's full ARN, with the six characters at its end, or a parameter's. The secrets
// that RDS makes have an exclamation mark in their names.
func SecretARN(arn string) error {
	if secretARN.MatchString(arn) {
		return nil
	}
	return errors.New("the ARN of a secret or of an SSM parameter, such as arn:aws:secretsmanager:us-east-1:123456789012:secret:payments-AbCdEf; #key after a secret's takes one of its JSON keys")
}
