package config

import (
	"errors"

	"slipway/components"
	"slipway/internal/limits"
)

func (r *reader) alarms() *components.AlarmTopicArgs {
	seen := map[string]bool{}
	return &components.AlarmTopicArgs{Emails: r.list("alarmEmails", nil, func(address string) error {
		if seen[address] {
			return errors.New("each address once")
		}
		seen[address] = true
		return limits.EmailAddress(address)
	})}
}
