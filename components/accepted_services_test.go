package components_test

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
)

// anImage is one that exists somewhere.
const anImage = "public.ecr.aws/nginx/nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func (w surroundings) webArgs(string) *components.WebServiceArgs {
	return &components.WebServiceArgs{VpcId: w.text("vpc"), PublicSubnetIds: w.list("public"), SubnetIds: w.list("application"), ClusterArn: w.text("cluster"),
		Image: pulumi.String(anImage), Ephemeral: true}
}

// tasks are the rows of the arguments that all components with tasks have.
func (w surroundings) tasks() map[string]argument {
	variables := map[string]string{"A": "", "_a1": strings.Repeat("x", 1000)}
	return map[string]argument{
		"AssignPublicIp": either,
		"Image":          {at: []any{anImage}, past: []any{"nginx:latest", anImage[:len(anImage)-1], strings.Repeat("a", 200) + anImage}},
		"RepositoryArn":  {at: []any{"arn:aws:ecr:us-east-1:123456789012:repository/app"}, free: onlyAWS},
		"Command":        {at: []any{[]string{"a"}, []string{strings.Repeat("a", 1000), "ä"}}, free: anyText},
		"ReleaseCommand": {at: []any{[]string{"a"}, []string{strings.Repeat("a", 1000), "ä"}}, free: anyText},
		"User":           {at: []any{"1", "10001:10001"}, past: []any{"a b", "1:", ":1"}},
		"Environment":    {at: []any{variables}, past: []any{map[string]string{"1A": ""}, map[string]string{"A-B": ""}, map[string]string{"": ""}}},
		"Architecture":   {at: []any{"ARM64", "X86_64"}, past: []any{"arm64", "S390X"}},
		"SpotWeight":     {at: []any{1, 100}, past: []any{-1, 101}},

		"WaitForDeployment":      either,
		"DeploymentTimeout":      {at: []any{5, 180}, past: []any{4, 181}},
		"ReadonlyRootFilesystem": either,
		"LogRetentionDays":       logRetention,
		"Ephemeral":              {at: []any{true}, free: onOrOff},
		"Tags":                   tags(50),
	}
}

// secretRows are those of what ECS injects. use puts it into the arguments.
func secretRows[A any](w surroundings, use func(*A, map[string]components.SecretReference)) map[string]argument {
	named := func(name string) func(*A) {
		return func(a *A) { use(a, map[string]components.SecretReference{name: {Arn: w.text("secret")}}) }
	}
	reference := func(change func(*components.SecretReference)) func(*A) {
		return func(a *A) {
			secret := components.SecretReference{Arn: w.text("secret")}
			change(&secret)
			use(a, map[string]components.SecretReference{"SECRET": secret})
		}
	}
	arn := func(arn string) func(*A) {
		return reference(func(s *components.SecretReference) { s.Arn = pulumi.String(arn) })
	}
	return map[string]argument{
		"Secrets":     {at: []any{named("A"), named("_a1")}, past: []any{named("1A"), named("A-B")}},
		"Secrets.Arn": {at: []any{arn("arn:aws:ssm:us-east-1:123456789012:parameter/a")}, past: []any{reference(func(s *components.SecretReference) { s.Arn = nil }), arn("payments"), arn("arn:aws:s3:::bucket")}},
		"Secrets.JsonKey": {at: []any{reference(func(s *components.SecretReference) { s.JsonKey = pulumi.String("a") })},
			past: []any{reference(func(s *components.SecretReference) { s.JsonKey = pulumi.String("a:b") }), reference(func(s *components.SecretReference) {
				s.Arn, s.JsonKey = pulumi.String("arn:aws:ssm:us-east-1:123456789012:parameter/a"), pulumi.String("a")
			})}},
		"Secrets.KmsKeyArn": {at: []any{reference(func(s *components.SecretReference) { s.KmsKeyArn = w.text("key") })}, free: onlyAWS},
		"Secrets.VersionId": {at: []any{reference(func(s *components.SecretReference) {
			s.VersionId = pulumi.String("01234567-89ab-cdef-0123-456789abcdef")
		})},
			past: []any{reference(func(s *components.SecretReference) { s.VersionId = pulumi.String("a:b") })}},
	}
}

// sizeRows are those of what Fargate pairs.
func sizeRows[A any](set func(a *A, cpu, memory int)) map[string]argument {
	size := func(cpu, memory int) func(*A) { return func(a *A) { set(a, cpu, memory) } }
	return map[string]argument{
		"Cpu": {at: []any{256, 512, 1024, 2048, 4096, 8192, 16384}, past: []any{128, 257, 32768, -1}},
		"Memory": {at: []any{size(256, 512), size(256, 2048), size(512, 4096), size(1024, 8192), size(2048, 16384), size(4096, 30720), size(8192, 61440), size(16384, 122880)},
			past: []any{256, 3072, -1, size(512, 5120), size(1024, 9216), size(2048, 17408), size(4096, 31744), size(8192, 20000), size(16384, 131072)}},
	}
}

// alarmRow is that of what alarms do. use has the component make alarms, too.
func alarmRow[A any](w surroundings, use func(*A, pulumi.StringArrayInput)) map[string]argument {
	actions := func(count int) func(*A) {
		list := pulumi.StringArray{w.text("topic")}
		for i := 1; i < count; i++ {
			list = append(list, pulumi.Sprintf("%s-%d", w.text("topic"), i))
		}
		return func(a *A) { use(a, list) }
	}
	return map[string]argument{"AlarmActions": {at: []any{actions(5)}, past: []any{actions(6)}}}
}

func join(tables ...map[string]argument) map[string]argument {
	all := map[string]argument{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}

func (w surroundings) web() subject {
	type args = components.WebServiceArgs
	count := func(least, desired, most int) func(*args) {
		return func(a *args) { a.MinCount, a.DesiredCount, a.MaxCount = new(least), new(desired), most }
	}
	limits := func(least, most int) func(*args) { return func(a *args) { a.MinCount, a.MaxCount = new(least), most } }
	own := map[string]argument{
		"name":            {at: []any{"a", "a" + strings.Repeat("-b", 9) + "c"}, past: []any{"", strings.Repeat("a", 21), "A", "a--b", "internal-a", "1a"}},
		"VpcId":           {past: []any{func(a *args) { a.VpcId = nil }}},
		"PublicSubnetIds": {past: []any{func(a *args) { a.PublicSubnetIds = nil }}},
		"SubnetIds":       {past: []any{func(a *args) { a.SubnetIds = nil }}},
		"Connections":     {past: []any{func(a *args) { a.Connections = []components.Connection{nil} }}},
		"StartAfter":      {free: onlyAWS},
		"ClusterArn": {at: []any{func(a *args) { a.ClusterArn = nil }}, past: []any{func(a *args) { a.ContainerInsights = new(true) },
			"cluster", "arn:aws:ecs:us-east-1:123456789012:cluster/"}},
		"ContainerInsights":      {at: []any{func(a *args) { a.ClusterArn, a.ContainerInsights = nil, new(true) }}, past: []any{true}},
		"StopTimeout":            {at: []any{1, 120}, past: []any{-1, 121}},
		"IdleTimeout":            {at: []any{1, 4000}, past: []any{-1, 4001}},
		"AccessLogs":             either,
		"Port":                   {at: []any{1, 65535}, past: []any{-1, 65536}},
		"HealthCheckPath":        {at: []any{"/", "/" + strings.Repeat("a", 1023)}, past: []any{"a", "/" + strings.Repeat("a", 1024), "/a b", "/ä"}},
		"HealthCheckMatcher":     {at: []any{"200", "499", "200-499", "200,301-302"}, past: []any{"199", "500", "200-500", "300-200", "+200", "200,"}},
		"HealthCheckInterval":    {at: []any{5, 300}, past: []any{4, 301}},
		"HealthCheckTimeout":     {at: []any{2, func(a *args) { a.HealthCheckInterval, a.HealthCheckTimeout = 300, 120 }}, past: []any{1, 5, func(a *args) { a.HealthCheckInterval, a.HealthCheckTimeout = 300, 121 }}},
		"HealthyThreshold":       {at: []any{2, 10}, past: []any{1, 11}},
		"UnhealthyThreshold":     {at: []any{2, 10}, past: []any{1, 11}},
		"HealthCheckGracePeriod": {at: []any{0, 2147483647}, past: []any{-1, 2147483648}},
		"DeregistrationDelay":    {at: []any{0, 3600}, past: []any{-1, 3601}},
		"DesiredCount":           {at: []any{count(0, 0, 5000), count(0, 5000, 5000)}, past: []any{count(2, 1, 3), count(2, 4, 3)}},
		"MinCount":               {at: []any{limits(0, 1), limits(5000, 5000)}, past: []any{-1, 5001}},
		"MaxCount":               {at: []any{limits(1, 1), limits(1, 5000)}, past: []any{-1, 5001}},
		"CpuTarget":              {at: []any{0, 1, 100}, past: []any{-1, 101}},
		"MemoryTarget":           {at: []any{1, 100}, past: []any{-1, 101}},
		"RequestsTarget":         {at: []any{1, 1000000}, past: []any{-1}},
		"RollbackOnAlarms":       either,
		"Alarms":                 either,
		"LatencyLimitSeconds":    {at: []any{0.0, 0.001, 4000.0}, past: []any{-1.0, 4000.5}},
		"EnableExecuteCommand":   {at: []any{func(a *args) { a.EnableExecuteCommand, a.ReadonlyRootFilesystem = true, new(false) }}, past: []any{true}},
	}
	return of(components.NewWebService, w.webArgs, join(w.tasks(), w.websites(), own,
		alarmRow(w, func(a *args, actions pulumi.StringArrayInput) { a.Alarms, a.AlarmActions = new(true), actions }),
		secretRows(w, func(a *args, secrets map[string]components.SecretReference) { a.Secrets = secrets }),
		sizeRows(func(a *args, cpu, memory int) { a.Cpu, a.Memory = cpu, memory })))
}

// websites are the rows of how a web service is reached: under a domain of its own, or by a listener that it shares.
func (w surroundings) websites() map[string]argument {
	type args = components.WebServiceArgs
	domain := func(name, zone string) func(*args) {
		return func(a *args) { a.DomainName, a.HostedZone = name, zone }
	}
	shared := func(change func(*components.SharedListener)) func(*args) {
		return func(a *args) {
			a.PublicSubnetIds = nil
			a.Listener = &components.SharedListener{Arn: w.text("listener"), LoadBalancerDnsName: w.text("balancer"), LoadBalancerSecurityGroupId: w.text("balancerGroup"),
				HostNames: []string{"pr-1.base.example.com"}, Https: true}
			change(a.Listener)
		}
	}
	hosts := func(names ...string) func(*args) {
		return shared(func(l *components.SharedListener) { l.HostNames = names })
	}
	return map[string]argument{
		"DomainName": {at: []any{"a.co", domain(strings.Repeat("a", 52)+".example.com", "example.com")},
			past: []any{domain(strings.Repeat("a", 53)+".example.com", "example.com"), "localhost", "A.example.com", "a_b.example.com", func(a *args) { a.Ephemeral = false }}},
		"HostedZone": {at: []any{domain("zone.example.com", "example.com"), domain("example.org", "example.org")}, past: []any{domain("app.example.com", "example.org"), "example.com"}},
		"Wildcard":   {at: []any{func(a *args) { a.DomainName, a.Wildcard = "wildcard.example.com", true }}, past: []any{true}},
		"Listener": {at: []any{shared(func(*components.SharedListener) {})}, past: []any{func(a *args) {
			shared(func(*components.SharedListener) {})(a)
			a.IdleTimeout = 60
		}}},
		"Listener.Arn":                         {past: []any{shared(func(l *components.SharedListener) { l.Arn = nil }), shared(func(l *components.SharedListener) { l.Arn = pulumi.String("listener") })}},
		"Listener.LoadBalancerDnsName":         {past: []any{shared(func(l *components.SharedListener) { l.LoadBalancerDnsName = nil })}},
		"Listener.LoadBalancerSecurityGroupId": {past: []any{shared(func(l *components.SharedListener) { l.LoadBalancerSecurityGroupId = nil })}},
		"Listener.HostNames": {at: []any{hosts("a.co"), hosts("1.base.example.com", "2.base.example.com", "3.base.example.com", "4.base.example.com", "5.base.example.com"),
			hosts(strings.Repeat("a", 63) + "." + strings.Repeat("b", 52) + ".example.com")},
			past: []any{hosts(), hosts("a.co", "b.co", "c.co", "d.co", "e.co", "f.co"), hosts(strings.Repeat("a", 63) + "." + strings.Repeat("b", 53) + ".example.com"), hosts("*.example.com")}},
		"Listener.Https": {at: []any{shared(func(l *components.SharedListener) { l.Https = false })}, past: []any{func(a *args) {
			shared(func(l *components.SharedListener) { l.Https = false })(a)
			a.Ephemeral = false
		}}},
	}
}

func (w surroundings) workersArgs() *components.QueueWorkersArgs {
	return &components.QueueWorkersArgs{VpcId: w.text("vpc"), SubnetIds: w.list("application"), ClusterArn: w.text("cluster"), Image: pulumi.String(anImage), Ephemeral: true}
}

// workers get a queue where the row gives them none.
func (w surroundings) workers() subject {
	type args = components.QueueWorkersArgs
	create := func(ctx *pulumi.Context, name string, a *args, opts ...pulumi.ResourceOption) (*components.QueueWorkers, error) {
		if a.Queues == nil {
			a.Queues = []*components.Queue{must(components.NewQueue(ctx, "queue", &components.QueueArgs{ExistingArn: w.text("queue")}))}
		}
		return components.NewQueueWorkers(ctx, name, a, opts...)
	}
	queues := func(count int) func(*pulumi.Context, *args) {
		return func(ctx *pulumi.Context, a *args) {
			a.Queues = []*components.Queue{}
			for i := range count {
				a.Queues = append(a.Queues, must(components.NewQueue(ctx, fmt.Sprint("queue", i), &components.QueueArgs{Variable: fmt.Sprint("QUEUE_", i)})))
			}
		}
	}
	own := map[string]argument{
		"name":        names(41),
		"VpcId":       {past: []any{func(a *args) { a.VpcId = nil }}},
		"SubnetIds":   {past: []any{func(a *args) { a.SubnetIds = nil }}},
		"ClusterArn":  {past: []any{func(a *args) { a.ClusterArn = nil }, "cluster", "arn:aws:ecs:us-east-1:123456789012:cluster/"}},
		"Connections": {past: []any{func(a *args) { a.Connections = []components.Connection{nil} }}},
		"StartAfter":  {free: onlyAWS},
		"Queues": {at: []any{queues(1), queues(4)}, past: []any{queues(0), queues(5), func(ctx *pulumi.Context, a *args) {
			queue := must(components.NewQueue(ctx, "queue", nil))
			a.Queues = []*components.Queue{queue, queue}
		}, func(a *args) { a.Queues = []*components.Queue{nil} }}},
		"StopTimeout":          {at: []any{11, 120}, past: []any{10, 121}},
		"MinCount":             {at: []any{func(a *args) { a.MinCount, a.MaxCount = 5000, 5000 }}, past: []any{-1, 5001}},
		"MaxCount":             {at: []any{1, 5000}, past: []any{-1, 5001}},
		"IdleMinutes":          {at: []any{2, 60}, past: []any{1, 61}},
		"EnableExecuteCommand": {at: []any{func(a *args) { a.EnableExecuteCommand, a.ReadonlyRootFilesystem = true, new(false) }}, past: []any{true}},
	}
	return of(create, func(string) *args { return w.workersArgs() }, join(w.tasks(), w.scaling(), w.schedules(), own,
		alarmRow(w, func(a *args, actions pulumi.StringArrayInput) {
			a.AlarmActions, a.Schedules = actions, map[string]components.Schedule{"a": {Expression: "rate(1 day)", Command: []string{"x"}}}
		}),
		secretRows(w, func(a *args, secrets map[string]components.SecretReference) { a.Secrets = secrets }),
		sizeRows(func(a *args, cpu, memory int) { a.Cpu, a.Memory = cpu, memory })))
}

// scaling are the rows of how many workers there are.
func (w surroundings) scaling() map[string]argument {
	type args = components.QueueWorkersArgs
	steps := func(count, each int) []components.ScalingStep {
		list := []components.ScalingStep{{Upper: new(0), Change: -1}}
		for i := range count {
			list = append(list, components.ScalingStep{Lower: new(i*each + 1), Change: i + 1})
		}
		return list
	}
	step := func(lower, upper *int, change int) func(*args) {
		return func(a *args) {
			a.Steps = []components.ScalingStep{{Upper: new(0), Change: -1}, {Lower: lower, Upper: upper, Change: change}, {Lower: new(10), Change: 1}}
		}
	}
	removing := func(change int) func(*args) {
		return func(a *args) {
			a.Steps = []components.ScalingStep{{Upper: new(0), Change: change}, {Lower: new(1), Change: 1}}
		}
	}
	backlog := func(latency int, perMessage float64, concurrency int) func(*args) {
		return func(a *args) {
			a.MaxCount = 5000
			a.Backlog = &components.BacklogPerTask{LatencySeconds: latency, SecondsPerMessage: perMessage, Concurrency: concurrency}
		}
	}
	return map[string]argument{
		"Steps": {at: []any{steps(1, 1), steps(20, 1), steps(20, 100000)}, past: []any{steps(21, 1), func(a *args) {
			a.Steps = steps(1, 1)
			backlog(60, 1, 1)(a)
		}}},
		"Steps.Lower":               {at: []any{step(new(1), nil, 1)}, past: []any{step(new(0), nil, 1), step(new(-1), nil, 1), step(new(10), nil, 1)}, says: "steps"},
		"Steps.Upper":               {at: []any{step(new(1), new(10), 1)}, past: []any{step(new(1), new(9), 1), step(new(1), new(11), 1), step(new(1), new(1), 1)}, says: "steps"},
		"Steps.Change":              {at: []any{step(new(1), nil, 5000), removing(-5000)}, past: []any{step(new(1), nil, 5001), removing(-5001), step(new(1), nil, 0)}, says: "steps"},
		"Backlog":                   {at: []any{backlog(60, 0.5, 2)}, free: inTables},
		"Backlog.LatencySeconds":    {at: []any{backlog(1, 1, 1), backlog(43200, 1, 1)}, past: []any{backlog(0, 1, 1), backlog(43201, 1, 1)}},
		"Backlog.SecondsPerMessage": {at: []any{backlog(43200, 0.001, 1), backlog(43200, 43200, 1)}, past: []any{backlog(43200, 0, 1), backlog(43200, 43200.5, 1), backlog(1, 2, 1)}},
		"Backlog.Concurrency":       {at: []any{backlog(60, 1, 1), backlog(43200, 0.001, 1000)}, past: []any{backlog(60, 1, -1), backlog(60, 1, 1001)}},
	}
}

// schedules are the rows of jobs.
func (w surroundings) schedules() map[string]argument {
	type args = components.QueueWorkersArgs
	job := func(name, expression, zone string, command ...string) func(*args) {
		return func(a *args) {
			a.Schedules = map[string]components.Schedule{name: {Expression: expression, TimeZone: zone, Command: command}}
		}
	}
	const nightly = "cron(0 3 * * ? *)"
	return map[string]argument{
		"Schedules": {at: []any{job("a", nightly, "", "x"), job("a"+strings.Repeat("-b", 15), nightly, "", "x")}, past: []any{job("A", nightly, "", "x"), job("a"+strings.Repeat("-b", 15)+"c", nightly, "", "x"), job("", nightly, "", "x")}},
		"Schedules.Expression": {at: []any{job("a", "rate(1 minute)", "", "x"), job("a", "rate(999999999 days)", "", "x"), job("a", "cron(0/15 8-18 ? * MON-FRI 2026-2199)", "", "x")},
			past: []any{job("a", "rate(0 minutes)", "", "x"), job("a", "cron(60 3 * * ? *)", "", "x"), job("a", "cron(0 3 * * * *)", "", "x"), job("a", "0 3 * * *", "", "x")}},
		"Schedules.TimeZone": {at: []any{job("a", nightly, "UTC", "x"), job("a", nightly, "America/Argentina/ComodRivadavia", "x")}, past: []any{job("a", nightly, "CEST", "x"), job("a", nightly, "Local", "x")}},
		"Schedules.Command":  {at: []any{job("a", nightly, "", "x")}, past: []any{job("a", nightly, "")}},
	}
}
