package localaws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// kind is a resource type of the catalogue: its schema, which the SDK's types give, and what they do not say.
type kind struct {
	schema

	// service and noun name AWS's API operations: "EC2" and "Vpc" make CreateVpc, ModifyVpc and DeleteVpc.
	service, noun string
	// id makes the provider's id of a new object. The default is the value of the property that idFrom names.
	id     func(*draft) string
	idFrom string
	// named is how a name is made where the program gives none; nil for types without names.
	named *naming
	// unique lists properties of which no two objects may have the same value, with AWS's code for a second one.
	unique map[string]string
	// overwrites tells whether the creation takes the place of an object of the same id, as AWS's Put operations do.
	overwrites func(*draft) bool
	// replace lists the inputs that AWS cannot change in place.
	replace []string
	// replaceToo adds those that it cannot change in place because of their values.
	replaceToo func(before, after resource.PropertyMap) []string
	// deleteFirst is for types of which pulumi-aws deletes the old object before it creates the replacement.
	deleteFirst bool
	// defaults are the outputs that AWS fills in when the inputs leave them out.
	defaults map[string]any
	// volatile lists outputs that only the update itself can tell, so that a preview of one shows them as unknown.
	volatile []string
	// references overrides, by property path, what a property refers to; see the table in references.go.
	references map[string]reference
	// check adds what is wrong with the inputs that are known, in preview and in the deployment alike.
	check func(*checking)
	// compute sets the outputs.
	compute func(*draft)
	// admit refuses what depends on other objects.
	admit func(*admission) error
	// alongside is what AWS makes, or takes away, of itself together with this object, such as the secret of a database.
	alongside func(*admission) []change
	// afterDelete is what a deletion does besides removing the object: what goes with it, and what stays of it.
	afterDelete func(*Account, *Object) ([]change, error)
	// quiet lists the paths of inputs whose changes are no difference, such as a password that is new in every run.
	quiet []string
	// inUse is AWS's answer to a delete while one of the given types refers to the object; nil lets it go.
	inUse *inUse
	// guard refuses a delete for what the object itself says, such as deletion protection.
	guard func(*Object) error
}

// inUse is how AWS refuses to delete an object that others use.
type inUse struct {
	code string
	// by are the types that hold the object; empty means every type that refers to it.
	by []string
	// message is AWS's, with one %s for the object's id; the default names the user.
	message string
	// unless names the property that lets the object go, together with those that hold it, such as forceDelete.
	unless string
}

// draft is an object in the making: its inputs, and the outputs as they are computed.
type draft struct {
	kind       *kind
	urn        resource.URN
	region     string
	projectDir string
	id         string
	generation int
	inputs     resource.PropertyMap
	outputs    resource.PropertyMap
	// account is what exists, locked and up to date; nil in checks and in previews of creations.
	account *Account
	// sawUnknown records that a value was read that only the deployment brings.
	sawUnknown bool
}

// value is the input, or the output where no input is given, at a dotted path.
func (d *draft) value(at string) resource.PropertyValue {
	path, err := resource.ParsePropertyPath(at)
	if err != nil {
		panic(fmt.Sprintf("catalogue: %q is no property path: %v", at, err))
	}
	for _, properties := range []resource.PropertyMap{d.inputs, d.outputs} {
		if v, ok := path.Get(plainDeep(resource.NewProperty(properties))); ok && !v.IsNull() {
			if v.IsComputed() {
				d.sawUnknown = true
			}
			return v
		}
	}
	return resource.NewNullProperty()
}

// text is a string property, or "" when it is missing or unknown.
func (d *draft) text(at string) string {
	if v := d.value(at); v.IsString() {
		return v.StringValue()
	}
	return ""
}

// number is a numeric property, or 0.
func (d *draft) number(at string) float64 {
	if v := d.value(at); v.IsNumber() {
		return v.NumberValue()
	}
	return 0
}

// texts are the known strings at a path of the inputs, through lists.
func (d *draft) texts(at string) []string { return texts(resource.NewProperty(d.inputs), at) }

// objects are the elements of a list of objects, or the object itself where a property holds just one. What is unknown is
// left out.
func (d *draft) objects(at string) (found []resource.PropertyMap) {
	v := d.value(at)
	if v.IsObject() {
		return []resource.PropertyMap{v.ObjectValue()}
	}
	if !v.IsArray() {
		return nil
	}
	for _, element := range v.ArrayValue() {
		if element.IsObject() {
			found = append(found, element.ObjectValue())
		}
	}
	return found
}

// isTrue tells whether a property is known to be true.
func (d *draft) isTrue(at string) bool {
	v := d.value(at)
	return v.IsBool() && v.BoolValue()
}

// has tells whether a property is given.
func (d *draft) has(at string) bool { return !d.value(at).IsNull() }

// set sets an output.
func (d *draft) set(property string, value any) {
	d.outputs[resource.PropertyKey(property)] = resource.NewPropertyValue(value)
}

// arn is an ARN in the draft's region; region-less services pass through globalARN.
func (d *draft) arn(service, path string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partitionOf(d.region), service, d.region, AccountID, path)
}

func (d *draft) globalARN(service, path string) string {
	return fmt.Sprintf("arn:%s:%s::%s:%s", partitionOf(d.region), service, AccountID, path)
}

// hex gives n stable hexadecimal digits for the object. Ids come from the URN and how often it was created, never from
// a counter: creations run in parallel, and a test's second run must get the same ids.
func (d *draft) hex(n int) string {
	seed := d.id
	if seed == "" {
		seed = fmt.Sprintf("%s#%d", d.urn, d.generation)
	}
	return digest(seed)[:n]
}

// digest is the SHA-256 of a seed in hexadecimal digits.
func digest(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:])
}

// uuid is hex in the form of keys' and versions' ids.
func (d *draft) uuid() string {
	h := d.hex(32)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// digits is hex in decimal digits, for ids such as those of hosted zones or host names.
func (d *draft) digits(n int) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' {
			return '0' + (r-'a')%10
		}
		return r
	}, d.hex(n))
}

// prefixed is the id of most of EC2: vpc-0a1b2c3d4e5f60718.
func prefixed(prefix string) func(*draft) string {
	return func(d *draft) string { return prefix + "-0" + d.hex(16) }
}

// checking collects what is wrong with inputs. Its readers say what is known, so that a rule speaks up in preview
// wherever it can.
type checking struct {
	*draft
	failures []plugin.CheckFailure
}

// fail records that a property breaks a rule.
func (c *checking) fail(property, format string, args ...any) {
	c.failures = append(c.failures, plugin.CheckFailure{Property: resource.PropertyKey(property), Reason: fmt.Sprintf(format, args...)})
}

// between checks a number's range, where it is given.
func (c *checking) between(property string, low, high float64) {
	if v := c.value(property); v.IsNumber() && (v.NumberValue() < low || v.NumberValue() > high) {
		c.fail(property, "expected %s to be in the range (%v - %v), got %v", property, low, high, v.NumberValue())
	}
}

// seal makes a secret of an input that always is one, whether the program says so or not.
func (c *checking) seal(property string) {
	if v, ok := c.inputs[resource.PropertyKey(property)]; ok && !v.IsNull() {
		c.outputs[resource.PropertyKey(property)] = seal(v)
	}
}

func seal(v resource.PropertyValue) resource.PropertyValue {
	if v.IsSecret() || v.IsOutput() && v.OutputValue().Secret {
		return v
	}
	return resource.MakeSecret(v)
}

// oneOf checks a string against a list, where it is given.
func (c *checking) oneOf(property string, allowed ...string) {
	v := c.value(property)
	if !v.IsString() {
		return
	}
	if slices.Contains(allowed, v.StringValue()) {
		return
	}
	c.fail(property, "expected %s to be one of %q, got %s", property, allowed, v.StringValue())
}

// admission is a create or an update in front of the account, which is locked and up to date.
type admission struct {
	*draft
	// previous is the object before an update, nil for a create.
	previous *Object
}

// others calls visit for every object of a type but the one being updated.
func (a *admission) others(typ string, visit func(*Object) error) error {
	for _, o := range a.account.objects {
		if o.Type == typ && (a.previous == nil || o != a.previous) {
			if err := visit(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// refuseInUse says no, as AWS does, to deleting an object that others use.
func (k *kind) refuseInUse(a *Account, o *Object) error {
	if k.guard != nil {
		if err := k.guard(o); err != nil {
			return k.operation("Delete", "deleting", err)
		}
	}
	if k.inUse == nil {
		return nil
	}
	if k.inUse.unless != "" && o.Properties[k.inUse.unless] == true {
		return nil
	}
	holders := k.holders(a, o)
	if len(holders) == 0 {
		return nil
	}
	if k.inUse.message != "" {
		return k.operation("Delete", "deleting", refuse(k.inUse.code, k.inUse.message, o.ID))
	}
	user := holders[0]
	return k.operation("Delete", "deleting", refuse(k.inUse.code, "%s %s is in use by %s %s (%s) and cannot be deleted", k.noun, o.ID, user.Type, user.ID, user.URN))
}

// holders are the users of an object that keep it from being deleted.
func (k *kind) holders(a *Account, o *Object) (holders []*Object) {
	for _, user := range a.users(o) {
		if len(k.inUse.by) == 0 || slices.Contains(k.inUse.by, user.Type) {
			holders = append(holders, user)
		}
	}
	return holders
}

// removal is every change that deleting an object makes, or AWS's refusal to delete it.
func (k *kind) removal(a *Account, o *Object) ([]change, error) {
	if err := k.refuseInUse(a, o); err != nil {
		return nil, err
	}
	changes := []change{{Remove: o.identity()}}
	if k.inUse != nil && k.inUse.unless != "" {
		for _, user := range k.holders(a, o) {
			changes = append(changes, change{Remove: user.identity()})
		}
	}
	if k.afterDelete != nil {
		more, err := k.afterDelete(a, o)
		if err != nil {
			return nil, k.operation("Delete", "deleting", err)
		}
		changes = append(changes, more...)
	}
	return changes, nil
}

// sortedKeys are a map's keys in order, for messages that stay the same.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// partitionOf is the ARN partition of a region.
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// dnsSuffix is what the host names of a region end in.
func dnsSuffix(region string) string {
	if partitionOf(region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}
