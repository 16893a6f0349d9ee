package localaws

import (
	"fmt"
	"iter"
	"strings"
)

// AccountID is the id of the account that everything is in unless a provider takes on a role of another one. AWS's own documentation uses it for
// examples.
const AccountID = "123456789012"

// scope is where something is, and where a call goes to: an account, and a region of it. What has a name has it there, and is found there by
// it. There is no list of accounts: one is what a role is in that somebody takes on.
type scope struct{ accountID, region string }

// home is where the account is seen from that nobody has said more about.
var home = scope{AccountID, "us-east-1"}

// arn is an ARN in the scope's region; services without regions have a globalARN.
func (s scope) arn(service, path string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partitionOf(s.region), service, s.region, s.accountID, path)
}

func (s scope) globalARN(service, path string) string {
	return fmt.Sprintf("arn:%s:%s::%s:%s", partitionOf(s.region), service, s.accountID, path)
}

// registry is the host of its container images.
func (s scope) registry() string {
	return fmt.Sprintf("%s.dkr.ecr.%s.%s", s.accountID, s.region, dnsSuffix(s.region))
}

// seed is a text of its own for what each scope has one of. The first account's have none of their account, and stay as they were.
func (s scope) seed(text string) string {
	if s.accountID == AccountID {
		return text
	}
	return s.accountID + "/" + text
}

// elsewhere tells the ARN of something in another account. AWS's own things are in none.
func (s scope) elsewhere(arn string) bool {
	account := accountOf(arn)
	return account != "" && account != s.accountID && account != "aws"
}

// objectKey tells objects apart: where they have their ids, a type with an id, or with another handle.
type objectKey struct {
	scope
	typ, id string
}

// keyOf is the key of something that is known in a scope. Most services give names in each region of an account, some once in an account, and
// S3 and Docker once in the world.
func keyOf(at scope, typ, id string) objectKey {
	switch service, _, _ := strings.Cut(typ, "/"); service {
	case "aws:iam", "aws:cloudfront", "aws:route53":
		at.region = ""
	case "aws:s3", "docker:index":
		at = scope{}
	}
	return objectKey{at, typ, id}
}

// at is the account seen from another scope.
func (a *Account) at(s scope) *Account { return &Account{journal: a.journal, scope: s} }

// of is the account seen from where an ARN says that its object is. Anything else, and what an ARN leaves out, is where a is.
func (a *Account) of(handle string) *Account {
	s := a.scope
	if parts := strings.SplitN(handle, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		s = scope{orDefault(parts[4], s.accountID), orDefault(parts[3], s.region)}
	}
	return a.at(s)
}

// known tells whether anything exists in the account. What others have is not known here, and not looked for.
func (a *Account) known() bool {
	for range a.objects() {
		return true
	}
	return a.accountID == AccountID
}

// objects are what is in the account, whatever the region. The caller holds the lock.
func (a *Account) objects() iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for _, o := range a.everything {
			if o.Account == a.accountID && !yield(o) {
				return
			}
		}
	}
}

// lookup finds the object of one of the types that a handle names: a name or id where the account is seen from, an ARN in all regions of the
// account. The caller holds the lock.
func (a *Account) lookup(handle string, types ...string) *Object {
	regions := []string{a.region}
	if from := a.of(handle); from.region != a.region {
		regions = append(regions, from.region)
	}
	for _, t := range types {
		for _, region := range regions {
			if o := a.byHandle[keyOf(scope{a.accountID, region}, t, handle)]; o != nil {
				return o
			}
		}
	}
	return nil
}

// anywhere is lookup in the account that an ARN says.
func (a *Account) anywhere(handle string, types ...string) *Object {
	return a.of(handle).lookup(handle, types...)
}

// otherRegion is an object's, unless the account is seen from there.
func (a *Account) otherRegion(o *Object) string {
	if o.Region == a.region {
		return ""
	}
	return o.Region
}

// existing is the object with an id. The caller holds the lock.
func (a *Account) existing(typ, id string) *Object { return a.everything[keyOf(a.scope, typ, id)] }

// referenced is what an object names that is where the account is seen from. The caller holds the lock.
func (a *Account) referenced(r Reference) *Object {
	return a.everything[r.key(a.scope)]
}
