package localserve

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"

	"slipway/internal/localaws"
)

// The types of objects that are looked at.
const (
	serviceType      = "aws:ecs/service:Service"
	taskType         = "aws:ecs/taskDefinition:TaskDefinition"
	targetGroupType  = "aws:lb/targetGroup:TargetGroup"
	loadBalancerType = "aws:lb/loadBalancer:LoadBalancer"
	listenerRuleType = "aws:lb/listenerRule:ListenerRule"
	recordType       = "aws:route53/record:Record"
	distributionType = "aws:cloudfront/distribution:Distribution"
	clusterType      = "aws:rds/cluster:Cluster"
	queueType        = "aws:sqs/queue:Queue"
	bucketType       = "aws:s3/bucketV2:BucketV2"
	bucketObjectType = "aws:s3/bucketObjectv2:BucketObjectv2"
	secretType       = "aws:secretsmanager/secret:Secret"
	versionType      = "aws:secretsmanager/secretVersion:SecretVersion"
	scheduleType     = "aws:scheduler/schedule:Schedule"
	imageType        = "docker:index/image:Image"
)

// registered is what one stack has registered in the embedded AWS, as far as it can run.
type registered struct {
	stack    string
	region   string
	services []service
	jobs     []job
	objects  []localaws.Object // those of all stacks: a test environment uses another one's
}

// service is an ECS service.
type service struct {
	// name is what people call it: web, workers.
	name    string
	desired int
	// grace is for how long ECS does not look at the health of a new task's targets.
	grace      time.Duration
	definition taskDefinition
	targets    []target
}

// main is the container that a service is about: the first essential one.
func (s service) main() *containerDefinition {
	for i := range s.definition.containers {
		if s.definition.containers[i].isEssential() {
			return &s.definition.containers[i]
		}
	}
	return nil
}

// target is where a load balancer finds a service's tasks.
type target struct {
	container string
	port      int
	check     healthCheck
}

// healthCheck is a target group's.
type healthCheck struct {
	Path               string
	Matcher            string
	Interval           int
	Timeout            int
	HealthyThreshold   int
	UnhealthyThreshold int
}

// job is a schedule that starts tasks.
type job struct {
	name, expression string
	service          string
	command          []string
}

// of are the objects of the types that the stack itself has made.
func (r *registered) of(types ...string) (own []localaws.Object) {
	for _, o := range r.objects {
		if slices.Contains(types, o.Type) && stackOf(o) == r.stack {
			own = append(own, o)
		}
	}
	return own
}

// find is the object of a type with that property; nil for none.
func (r *registered) find(typ, property, value string) *localaws.Object {
	for i, o := range r.objects {
		if o.Type == typ && (text(o, property) == value || property == "id" && o.ID == value) {
			return &r.objects[i]
		}
	}
	return nil
}

// readRegistered reads what the stack's services are to run.
func readRegistered(objects []localaws.Object, stack string) (*registered, error) {
	r := &registered{stack: stack, objects: objects}
	for _, o := range r.of(serviceType) {
		s, err := r.service(o)
		if err != nil {
			return nil, fmt.Errorf("the service %s: %w", text(o, "name"), err)
		}
		r.region = o.Region
		r.services = append(r.services, s)
	}
	if len(r.services) == 0 {
		return nil, fmt.Errorf("the stack %s has no service on the embedded AWS; deploy it first: make up STACK=%[1]s", stack)
	}
	// Those that people reach come first.
	slices.SortStableFunc(r.services, func(a, b service) int {
		return cmp.Or(cmp.Compare(min(1, len(b.targets)), min(1, len(a.targets))), cmp.Compare(a.name, b.name))
	})
	for _, o := range r.of(scheduleType) {
		if j, ok := r.job(o); ok {
			r.jobs = append(r.jobs, j)
		}
	}
	return r, nil
}

func (r *registered) service(o localaws.Object) (service, error) {
	s := service{
		name:    strings.TrimSuffix(logicalName(o), "-service"),
		desired: integer(o.Properties["desiredCount"]),
		grace:   time.Duration(integer(o.Properties["healthCheckGracePeriodSeconds"])) * time.Second,
	}
	definition := r.find(taskType, "arn", text(o, "taskDefinition"))
	if definition == nil {
		return s, fmt.Errorf("its task definition %s does not exist", text(o, "taskDefinition"))
	}
	var err error
	if s.definition, err = newTaskDefinition(*definition); err != nil {
		return s, err
	}
	if s.main() == nil {
		return s, fmt.Errorf("its task definition %s has no essential container", s.definition.family)
	}
	var balancers []struct {
		ContainerName  string
		ContainerPort  int
		TargetGroupArn string
	}
	if err := reread(o.Properties["loadBalancers"], &balancers); err != nil {
		return s, err
	}
	for _, b := range balancers {
		t := target{container: b.ContainerName, port: b.ContainerPort}
		if group := r.find(targetGroupType, "arn", b.TargetGroupArn); group != nil {
			if err := reread(group.Properties["healthCheck"], &t.check); err != nil {
				return s, err
			}
		}
		s.targets = append(s.targets, t)
	}
	return s, nil
}

// job is a schedule of tasks that one of the services' definitions describes.
func (r *registered) job(o localaws.Object) (job, bool) {
	var to struct {
		Input         string
		EcsParameters *struct{ TaskDefinitionArn string }
	}
	var input struct {
		ContainerOverrides []struct{ Command []string }
	}
	if reread(o.Properties["target"], &to) != nil || to.EcsParameters == nil || json.Unmarshal([]byte(to.Input), &input) != nil {
		return job{}, false
	}
	for _, s := range r.services {
		if strings.HasPrefix(to.EcsParameters.TaskDefinitionArn, s.definition.arnWithoutRevision) && len(input.ContainerOverrides) > 0 {
			return job{
				name:       strings.TrimPrefix(logicalName(o), s.name+"-"),
				expression: text(o, "scheduleExpression"),
				service:    s.name,
				command:    input.ContainerOverrides[0].Command,
			}, true
		}
	}
	return job{}, false
}

// serviceNamed finds a service by its name, or by that of its main container. Without a name it is the only one, or the one
// whose tasks work in the background.
func (r *registered) serviceNamed(name string) (service, error) {
	var names []string
	for _, s := range r.services {
		if s.name == name || s.main().Name == name || name == "" && (len(r.services) == 1 || len(s.targets) == 0) {
			return s, nil
		}
		names = append(names, s.name)
	}
	if name == "" {
		return r.services[0], nil
	}
	return service{}, fmt.Errorf("the stack %s has no service %q; it has %s", r.stack, name, strings.Join(names, ", "))
}

func stackOf(o localaws.Object) string {
	made, err := urn.Parse(o.URN)
	if err != nil {
		return ""
	}
	return made.Stack().Name().String()
}

func logicalName(o localaws.Object) string {
	made, err := urn.Parse(o.URN)
	if err != nil {
		return o.ID
	}
	return made.Name()
}

func text(o localaws.Object, property string) string {
	s, _ := o.Properties[property].(string)
	return s
}

// integer is a number of JSON, which some properties have as text.
func integer(v any) int {
	switch v := v.(type) {
	case float64:
		return int(v)
	case int:
		return v
	case string:
		n, _ := strconv.Atoi(v)
		return n
	}
	return 0
}

// reread reads a property into a type of our own.
func reread(property, into any) error {
	data, err := json.Marshal(property)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}
