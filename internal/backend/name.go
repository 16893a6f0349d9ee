package backend

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Repository is the repository that a git remote is, as host and path in lower-case letters: the same for each way to reach it, such as
// https://github.com/acme/shop.git and git@github.com:acme/shop. The hosts' own names are no matter of case.
func Repository(remote string) (string, error) {
	host, path := parts(strings.TrimSpace(remote))
	host, _, _ = strings.Cut(host, ":") // SSH has other ports
	// By these, SSH is reached on the port of HTTPS.
	for _, other := range []string{"ssh.", "altssh."} {
		host = strings.TrimPrefix(host, other)
	}
	path = strings.Trim(strings.TrimSuffix(strings.Trim(path, "/"), ".git"), "/")
	if host == "" || path == "" {
		return "", fmt.Errorf("the git remote %q has no host and path to derive a name from; give one with --name", withoutUser(remote))
	}
	return strings.ToLower(host + "/" + path), nil
}

// parts are the host and the path of a remote; "" for one that is a directory.
func parts(remote string) (host, path string) {
	if strings.Contains(remote, "://") {
		parsed, err := url.Parse(remote)
		if err != nil || parsed.Scheme == "file" {
			return "", ""
		}
		return parsed.Host, parsed.Path
	}
	// [user@]host:path, in which no slash is before the colon.
	host, path, found := strings.Cut(remote, ":")
	if !found || strings.Contains(host, "/") {
		return "", ""
	}
	return host[strings.LastIndex(host, "@")+1:], path
}

// withoutUser is a remote without the name, and what may be a password, in it.
func withoutUser(remote string) string {
	scheme, rest, found := strings.Cut(remote, "://")
	if !found {
		return remote
	}
	authority, path, slash := strings.Cut(rest, "/")
	authority = authority[strings.LastIndex(authority, "@")+1:]
	if slash {
		authority += "/"
	}
	return scheme + "://" + authority + path
}

const (
	namePrefix   = "pulumi-state-"
	digits       = 12 // of the hash, hexadecimal
	longestName  = 63 // of a bucket
	longestOfUse = longestName - len(namePrefix) - digits - len("-")
)

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// Name is what the bucket and the key's alias of a repository's state are called in an account. It is always the same one, another one in
// another account, and nobody meets it by chance: the names of buckets are the whole world's.
func Name(repository, account string) string {
	hash := sha256.Sum256([]byte(repository + "\n" + account))
	_, path, _ := strings.Cut(repository, "/")
	readable := strings.Trim(notInName.ReplaceAllString(strings.ToLower(path), "-"), "-")
	readable = strings.Trim(readable[:min(len(readable), longestOfUse)], "-")
	if readable != "" {
		readable += "-"
	}
	return namePrefix + readable + hex.EncodeToString(hash[:])[:digits]
}
