package components

import "slipway/internal/buildcontext"

// imageSource is all that decides what a build makes.
type imageSource struct {
	context, dockerfile string
	target, platform    string
	revision            string
	buildArgs           map[string]string
}

// tagLength is how many hexadecimal digits of the hash the tag has: 64 bits, which do not meet by chance.
const tagLength = 16

// tag follows the source: another file that reaches the build, or another option, is another tag.
func (s imageSource) tag() (string, error) {
	options := []string{s.target, s.platform, s.revision}
	for _, name := range sortedKeys(s.buildArgs) {
		options = append(options, name, s.buildArgs[name])
	}
	digest, err := buildcontext.Digest(s.context, s.dockerfile, options...)
	if err != nil {
		return "", err
	}
	return digest[:tagLength], nil
}
