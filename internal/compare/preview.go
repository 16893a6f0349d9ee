package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"slipway/internal/compare/report"
	"strings"
)

// digest is what `pulumi preview --json` prints, as far as the report needs it.
type digest struct {
	Steps []struct {
		Op             string
		URN            string
		OldState       state
		NewState       state
		DiffReasons    []string
		ReplaceReasons []string
	}
	Diagnostics []struct {
		URN      string
		Message  string
		Severity string
	}
	ChangeSummary map[string]int
}

type state struct{ Inputs map[string]any }

// ReadPreview reads what `pulumi preview --json` printed into a stack.
func ReadPreview(s *report.Stack, preview []byte) error {
	var d digest
	decoder := json.NewDecoder(bytes.NewReader(preview))
	decoder.UseNumber()
	if err := decoder.Decode(&d); err != nil {
		return err
	}
	s.Unchanged = d.ChangeSummary["same"]
	// One resource has several steps when the display shows how it is replaced.
	replaced := map[string]bool{}
	for _, step := range d.Steps {
		resource, err := newResource(step.URN)
		if err != nil {
			return err
		}
		switch step.Op {
		case "replace", "create-replacement", "delete-replaced", "import-replacement":
			if !replaced[step.URN] {
				replaced[step.URN] = true
				resource.Changes = changes(step.OldState.Inputs, step.NewState.Inputs, step.DiffReasons, step.ReplaceReasons)
				s.Replaced = append(s.Replaced, resource)
			}
		case "delete":
			s.Deleted = append(s.Deleted, resource)
		case "create", "import":
			s.Created = append(s.Created, resource)
		case "update":
			resource.Changes = changes(step.OldState.Inputs, step.NewState.Inputs, step.DiffReasons, nil)
			s.Updated = append(s.Updated, resource)
		}
	}
	for _, list := range s.Lists() {
		slices.SortFunc(list.Resources, func(a, b report.Resource) int {
			if list.Loses && a.HoldsData != b.HoldsData {
				return map[bool]int{true: -1, false: 1}[a.HoldsData]
			}
			return strings.Compare(a.Name+" "+a.Type, b.Name+" "+b.Type)
		})
	}
	var refusals []string
	for _, diagnostic := range d.Diagnostics {
		if diagnostic.Severity == "error" {
			refusals = append(refusals, strings.TrimSpace(strings.TrimPrefix(diagnostic.Message, "error: ")))
		}
	}
	s.Refusal = strings.Join(refusals, "\n\n")
	return nil
}

func newResource(urn string) (report.Resource, error) {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) != 4 {
		return report.Resource{}, fmt.Errorf("got the URN %q, takes urn:pulumi:STACK::PROJECT::TYPE::NAME", urn)
	}
	kind := parts[2][strings.LastIndex(parts[2], "$")+1:]
	return report.Resource{Type: kind, Name: parts[3], URN: urn, HoldsData: slices.Contains(dataTypes, kind)}, nil
}

// dataTypes are the types whose content is lost with them: nothing else of an environment is more than its own
// description.
var dataTypes = []string{
	"aws:backup/vault:Vault",
	"aws:cloudwatch/logGroup:LogGroup",
	"aws:docdb/cluster:Cluster",
	"aws:dynamodb/table:Table",
	"aws:ebs/volume:Volume",
	"aws:ecr/repository:Repository",
	"aws:efs/fileSystem:FileSystem",
	"aws:elasticache/replicationGroup:ReplicationGroup",
	"aws:kinesis/stream:Stream",
	"aws:kms/key:Key",
	"aws:opensearch/domain:Domain",
	"aws:rds/cluster:Cluster",
	"aws:rds/instance:Instance",
	"aws:s3/bucket:Bucket",
	"aws:s3/bucketV2:BucketV2",
	"aws:secretsmanager/secret:Secret",
	"aws:sqs/queue:Queue",
}
