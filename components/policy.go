package components

import (
	"encoding/json"
	"fmt"
	"strings"
)

// policyStatement is one statement of an IAM policy. The order of its fields is the order in the document, so that a
// policy that means the same is written the same.
type policyStatement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal map[string]string            `json:",omitempty"`
	Action    []string                     `json:",omitempty"`
	NotAction []string                     `json:",omitempty"`
	Resource  []string                     `json:",omitempty"`
	Condition map[string]map[string]string `json:",omitempty"`
}

// listStatement is a statement of which some parts name several values, any of which fits.
type listStatement struct {
	policyStatement
	Principal map[string][]string            `json:",omitempty"`
	Condition map[string]map[string][]string `json:",omitempty"`
}

// allow is a statement of an identity's policy.
func allow(sid string, actions []string, resources ...string) policyStatement {
	return policyStatement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}
}

// tlsOnly is the statement of a resource's policy that nobody does this without TLS.
func tlsOnly(action string, resources ...string) policyStatement {
	return policyStatement{
		Sid:       "TlsOnly",
		Effect:    "Deny",
		Principal: map[string]string{"AWS": "*"},
		Action:    []string{action},
		Resource:  resources,
		Condition: map[string]map[string]string{"Bool": {"aws:SecureTransport": "false"}},
	}
}

// policyDocument writes an IAM policy.
func policyDocument[S policyStatement | listStatement](statements ...S) (string, error) {
	document, err := json.Marshal(struct {
		Version   string
		Statement []S
	}{"2012-10-17", statements})
	return string(document), err
}

// trustPolicy lets a service of AWS take on a role, for resources of this account only: otherwise another account could
// have the service act on it with this role (the confused deputy).
func trustPolicy(service, account string) (string, error) {
	return policyDocument(policyStatement{
		Effect:    "Allow",
		Principal: map[string]string{"Service": service},
		Action:    []string{"sts:AssumeRole"},
		Condition: map[string]map[string]string{"StringEquals": {"aws:SourceAccount": account}},
	})
}

// arn is an Amazon resource name: arn:partition:service:region:account:resource.
type arn struct {
	partition, service, region, account, resource string
}

func parseArn(text string) (arn, error) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return arn{}, fmt.Errorf("%q is no ARN; ARNs read arn:partition:service:region:account:resource", text)
	}
	return arn{partition: parts[1], service: parts[2], region: parts[3], account: parts[4], resource: parts[5]}, nil
}
