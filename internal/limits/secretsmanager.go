package limits

import "errors"

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
