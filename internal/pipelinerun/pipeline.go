// Package pipelinerun executes a delivery pipeline as it is registered in the embedded AWS: CodePipeline's stages, artifacts, variables,
// conditions and approvals, and CodeBuild's projects with their build specifications, on this machine. What a build's
// commands are, and what they find on PATH, is the caller's business; who may do what is decided by the policies as they are deployed.
package pipelinerun

import (
	"encoding/json"
	"fmt"
	"regexp"

	"slipway/internal/localaws"
)

// The types that are read from the account.
const (
	pipelineType = "aws:codepipeline/pipeline:Pipeline"
	projectType  = "aws:codebuild/project:Project"
	logGroupType = "aws:cloudwatch/logGroup:LogGroup"
)

// definition is a pipeline as CodePipeline has it.
type definition struct {
	Arn, Name, RoleArn, ExecutionMode string
	ArtifactStores                    []struct {
		Location      string
		EncryptionKey struct{ ID string }
	}
	Stages []stage
}

type stage struct {
	Name        string
	BeforeEntry struct {
		Condition struct {
			Result string
			Rules  []rule
		}
	}
	Actions []action
}

type rule struct {
	Name          string
	RuleTypeID    struct{ Provider string } `json:"ruleTypeId"`
	Configuration map[string]string
}

type action struct {
	Name, Category, Provider, Namespace string
	Configuration                       map[string]string
	InputArtifacts, OutputArtifacts     []string
}

// project is one of CodeBuild.
type project struct {
	Arn, Name, ServiceRole string
	Source                 struct{ Buildspec string }
	Environment            struct {
		EnvironmentVariables []variable
		PrivilegedMode       bool
		Image                string
		// ImagePullCredentialsType says who pulls the image: CODEBUILD or SERVICE_ROLE.
		ImagePullCredentialsType string
	}
	LogsConfig struct {
		CloudwatchLogs struct{ GroupName string }
	}
}

// variable is one of a build's environment.
type variable struct{ Name, Value, Type string }

// find reads an object of the account by its name.
func find(account *localaws.Account, typ, name string, into any) error {
	objects, err := account.List()
	if err != nil {
		return err
	}
	for _, o := range objects {
		if o.Type != typ || o.Properties["name"] != name {
			continue
		}
		text, err := json.Marshal(o.Properties)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, into)
	}
	return fmt.Errorf("no %s is called %q in the embedded AWS", typ, name)
}

var reference = regexp.MustCompile(`#\{([A-Za-z0-9_@-]+)\.([A-Za-z0-9_]+)\}`)

// resolve fills in the variables of a text: #{namespace.name}.
func (e *Execution) resolve(text string) (resolved string, err error) {
	resolved = reference.ReplaceAllStringFunc(text, func(found string) string {
		parts := reference.FindStringSubmatch(found)
		value, known := e.variables[parts[1]][parts[2]]
		if !known {
			err = fmt.Errorf("the variable %s has no value: no action before has left it", found)
		}
		return value
	})
	return resolved, err
}

// enters tells whether an execution runs a stage, or leaves it out.
func (e *Execution) enters(s stage) (bool, error) {
	condition := s.BeforeEntry.Condition
	for _, rule := range condition.Rules {
		if rule.RuleTypeID.Provider != "VariableCheck" || condition.Result != "SKIP" {
			return false, fmt.Errorf("stage %s: conditions other than a VariableCheck that skips are not executed here, got %s and %s", s.Name, rule.RuleTypeID.Provider, condition.Result)
		}
		value, err := e.resolve(rule.Configuration["Variable"])
		if err != nil {
			return false, err
		}
		holds := value == rule.Configuration["Value"]
		switch rule.Configuration["Operator"] {
		case "EQ":
		case "NE":
			holds = !holds
		default:
			return false, fmt.Errorf("stage %s: the operator %s is not executed here; EQ and NE are", s.Name, rule.Configuration["Operator"])
		}
		if !holds {
			return false, nil
		}
	}
	return true, nil
}
