// Package owned marks what a stack makes with tags, so that it is found without the stack's state: when a run has died
// before it could note down what AWS made.
package owned

import (
	"maps"
	"reflect"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// StackTag is the tag of everything that a stack has made; see Stack for its value.
	StackTag = "slipway:stack"
	// ResourceTag is the tag that tells which resource of the program it is; see Resource for its value.
	ResourceTag = "slipway:resource"
	// SecretTag is the tag of a secret that people set for a stack, outside of the program; its value is the variable that it is for.
	SecretTag = "slipway:secret"
)

// Stack is the value of StackTag, such as slipway/staging.
func Stack(project, stack string) string { return encode(project + "/" + stack) }

// Resource is the value of ResourceTag, such as aws:ec2/vpc:Vpc::network. It is what a URN has beside project, stack and
// parents: the $ between those is no character of tags.
func Resource(typ, name string) string { return encode(typ + "::" + name) }

// Every service takes these in the values of tags, and up to 256 of them.
var refused = regexp.MustCompile(`[^A-Za-z0-9 +\-=._:/@]`)

func encode(value string) string {
	value = refused.ReplaceAllString(value, "_")
	return value[:min(len(value), 256)]
}

// Tag is a transformation that gives the tags to all resources of AWS that take tags.
func Tag(project, stack string) pulumi.ResourceTransformation {
	return func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		tags := pulumi.StringMap{StackTag: pulumi.String(Stack(project, stack))}
		switch {
		case strings.HasPrefix(args.Type, "aws:s3/bucketObject"):
			return nil // they are found in their bucket, take ten tags at most, and each costs
		case strings.HasPrefix(args.Type, "aws:"):
			tags[ResourceTag] = pulumi.String(Resource(args.Type, args.Name))
		case strings.HasPrefix(args.Type, "awsx:"): // which hands its tags on to its children; they have names of theirs in the tag Name
		default:
			return nil
		}
		props := withTags(args.Props, tags)
		if props == nil {
			return nil
		}
		return &pulumi.ResourceTransformationResult{Props: props, Opts: args.Opts}
	}
}

// withTags is a copy of a resource's arguments with more tags; nil for one that takes none.
func withTags(props pulumi.Input, more pulumi.StringMap) pulumi.Input {
	given := reflect.ValueOf(props)
	if given.Kind() != reflect.Pointer || given.IsNil() || given.Elem().Kind() != reflect.Struct {
		return nil
	}
	changed := reflect.New(given.Elem().Type())
	changed.Elem().Set(given.Elem())
	field := changed.Elem().FieldByName("Tags")
	if !field.IsValid() || field.Type() != reflect.TypeFor[pulumi.StringMapInput]() {
		return nil
	}
	var tags pulumi.StringMapInput = more
	switch old := field.Interface().(type) {
	case nil:
	case pulumi.StringMap:
		all := maps.Clone(old)
		if all == nil {
			all = pulumi.StringMap{}
		}
		maps.Copy(all, more)
		tags = all
	case pulumi.StringMapInput:
		tags = pulumi.All(old, more).ApplyT(func(both []any) map[string]string {
			all := maps.Clone(both[0].(map[string]string))
			if all == nil {
				all = map[string]string{}
			}
			maps.Copy(all, both[1].(map[string]string))
			return all
		}).(pulumi.StringMapOutput)
	}
	field.Set(reflect.ValueOf(tags))
	return changed.Interface().(pulumi.Input)
}
