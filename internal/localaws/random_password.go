package localaws

import (
	"crypto/rand"
	"math/big"
	"strings"
)

// The characters of GetRandomPassword, by type (Secrets Manager's API reference).
const (
	lowercase   = "abcdefghijklmnopqrstuvwxyz"
	uppercase   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	numbers     = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// defaultPasswordLength and longestPassword are in characters.
const (
	defaultPasswordLength = 32
	longestPassword       = 4096
)

// randomPassword answers with a new password at each call: of all types but the excluded ones, and of each of them one
// character at least, unless the call does without that.
func randomPassword(i *invocation) (map[string]any, error) {
	length := defaultPasswordLength
	if v := plain(i.args["passwordLength"]); v.IsNumber() {
		length = int(v.NumberValue())
	}
	if length < 1 || length > longestPassword {
		return nil, refuse("InvalidParameterException", "PasswordLength must be from 1 to %d, got %d", longestPassword, length)
	}
	types := i.passwordTypes()
	all := strings.Join(types, "")
	if all == "" {
		return nil, refuse("InvalidParameterException", "You must not exclude all types of characters.")
	}
	requireEach := true
	if v := plain(i.args["requireEachIncludedType"]); v.IsBool() {
		requireEach = v.BoolValue()
	}
	if requireEach && length < len(types) {
		return nil, refuse("InvalidParameterException", "PasswordLength %d is too short for one character of each of %d types", length, len(types))
	}
	for {
		var password strings.Builder
		for range length {
			password.WriteByte(pick(all))
		}
		if !requireEach || hasEach(password.String(), types) {
			return i.answer(map[string]any{"id": i.region, "randomPassword": password.String()}), nil
		}
	}
}

// passwordTypes are the characters that may be used, by type.
func (i *invocation) passwordTypes() (types []string) {
	for _, t := range []struct{ exclude, characters string }{
		{"excludeLowercase", lowercase}, {"excludeUppercase", uppercase}, {"excludeNumbers", numbers}, {"excludePunctuation", punctuation},
	} {
		if i.isTrue(t.exclude) {
			continue
		}
		kept := strings.Map(func(r rune) rune {
			if strings.ContainsRune(i.text("excludeCharacters"), r) {
				return -1
			}
			return r
		}, t.characters)
		if kept != "" {
			types = append(types, kept)
		}
	}
	if i.isTrue("includeSpace") {
		types = append(types, " ")
	}
	return types
}

func hasEach(password string, types []string) bool {
	for _, t := range types {
		if !strings.ContainsAny(password, t) {
			return false
		}
	}
	return true
}

// pick is one of the characters, each as likely as the others.
func pick(characters string) byte {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(characters))))
	if err != nil {
		panic(err) // crypto/rand never fails on the platforms that Go supports
	}
	return characters[n.Int64()]
}
