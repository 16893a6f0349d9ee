package components_test

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/components"
)

// Reasons why a component refuses no value of an argument.
const (
	onOrOff  = "on or off"
	anyText  = "any text is right"
	onlyAWS  = "only AWS knows which there are"
	inTables = "its own rows have the limits"
)

var (
	either       = argument{at: []any{true, false}, free: onOrOff}
	logRetention = argument{at: []any{1, 3653}, past: []any{2, 3654}}
	sslMode      = argument{at: []any{components.SslRequire, components.SslVerifyFull}, past: []any{components.SslMode("disable")}}
)

// tags is the row of tags, of which room more can be given than the component adds itself.
func tags(room int) argument {
	many := func(count int) map[string]string {
		tags := map[string]string{}
		for i := range count {
			tags[fmt.Sprint("tag", i)] = ""
		}
		return tags
	}
	return argument{
		at: []any{many(room), map[string]string{strings.Repeat("k", 128): strings.Repeat("v", 256)}, map[string]string{"a b:+-=._/@": "ä +-=._:/@"}},
		past: []any{many(room + 1), map[string]string{strings.Repeat("k", 129): ""}, map[string]string{"k": strings.Repeat("v", 257)},
			map[string]string{"aws:k": "v"}, map[string]string{"": "v"}, map[string]string{"k": "a\nb"}, map[string]string{"k": "a,b"}},
	}
}

// names is the row of a component's own name, of which the longest is that.
func names(longest int) argument {
	return argument{at: []any{"a", "a" + strings.Repeat("-b", (longest-1)/2) + strings.Repeat("c", (longest-1)%2)},
		past: []any{"", strings.Repeat("a", longest+1), "a b", "1a", "a/b"}}
}

func subjectsIn(w surroundings) []subject {
	return []subject{w.network(), w.aurora(), w.existingDatabase(), w.image(), w.queue(), w.secret(), w.site(), w.topic(), w.dashboard(), w.web(), w.workers(), w.pipeline(), w.deployRoles()}
}

func (w surroundings) network() subject {
	endpoints := func(count int) []string {
		return []string{"xray", "ssmmessages", "kms", "dynamodb", "sns"}[:count]
	}
	return of(components.NewVpc, func(string) *components.VpcArgs {
		return &components.VpcArgs{Egress: new(components.EgressPublic)} // the fewest resources
	}, map[string]argument{
		"name":                 names(46),
		"Cidr":                 {at: []any{"10.0.0.0/16", "192.168.255.0/24"}, past: []any{"10.0.0.0/15", "192.168.255.0/25", "10.0.0.1/16", "11.0.0.0/16", "10.0.0.0"}},
		"Zones":                {at: []any{2, 4}, past: []any{1, 5, -1}},
		"Egress":               {at: []any{components.EgressEndpoints, components.EgressNat, components.EgressNatPerAz, components.EgressPublic}, past: []any{components.Egress("none")}},
		"EndpointServices":     {at: []any{endpoints(5)}, past: []any{[]string{"s3"}, []string{"xray", "xray"}, []string{"com.amazonaws.us-east-1.xray"}, []string{""}}},
		"EndpointZones":        {at: []any{components.EndpointZonesAll, components.EndpointZonesRunning, components.EndpointZonesOne}, past: []any{components.EndpointZones("none")}},
		"FlowLogs":             either,
		"FlowLogRetentionDays": logRetention,
		"Ephemeral":            either,
		"Tags":                 tags(48),
	})
}

func (w surroundings) aurora() subject {
	type args = components.AuroraServerlessArgs
	pausing := func(seconds int) func(*args) {
		return func(a *args) { a.MinCapacity, a.SecondsUntilAutoPause = new(0.0), seconds }
	}
	return of(components.NewAuroraServerless, func(string) *args {
		return &args{VpcId: w.text("vpc"), SubnetIds: w.list("isolated"), Readers: new(0)}
	}, join(alarmRow(w, func(a *args, actions pulumi.StringArrayInput) { a.Alarms, a.AlarmActions = new(true), actions }), map[string]argument{
		"name":                      {at: []any{"a", "a" + strings.Repeat("-b", 22)}, past: []any{"", strings.Repeat("a", 46), "1a", "A", "a--b", "a-"}},
		"VpcId":                     {past: []any{func(a *args) { a.VpcId = nil }}},
		"SubnetIds":                 {past: []any{func(a *args) { a.SubnetIds = nil }}},
		"DatabaseName":              {at: []any{"a", "a" + strings.Repeat("_1", 31)}, past: []any{strings.Repeat("a", 64), "1a", "a-b", "postgres"}},
		"MasterUsername":            {at: []any{"a", "a" + strings.Repeat("_1", 31)}, past: []any{strings.Repeat("a", 64), "1a", "admin", "rdsadmin", "pg_a", "rds_a"}},
		"EngineVersion":             {at: []any{"14", "18"}, past: []any{"13", "18.1", "latest"}},
		"AllowMajorVersionUpgrade":  either,
		"MinCapacity":               {at: []any{0.0, 0.5, func(a *args) { a.MinCapacity, a.MaxCapacity = new(256.0), 256 }}, past: []any{-0.5, 0.7, 256.5}},
		"MaxCapacity":               {at: []any{1.0, 256.0}, past: []any{0.5, 256.5, 1.2, -1.0}},
		"SecondsUntilAutoPause":     {at: []any{pausing(300), pausing(86400)}, past: []any{pausing(299), pausing(86401), 300}},
		"IdleSessionTimeoutSeconds": {at: []any{0, 2147483}, past: []any{-1, 2147484}},
		"Readers":                   {at: []any{0, 15}, past: []any{-1, 16}},
		"BackupRetentionDays":       {at: []any{1, 35}, past: []any{-1, 36}},
		"SnapshotIdentifier":        {past: []any{"-a", "a b", "a--b", "1a", strings.Repeat("a", 256)}},
		"PerformanceInsights":       either,
		"EnhancedMonitoringSeconds": {at: []any{0, 1, 60}, past: []any{-1, 2, 61}},
		"DataApi":                   either,
		"Alarms":                    either,
		"LogRetentionDays":          logRetention,
		"SslMode":                   sslMode,
		"Ephemeral":                 either,
		"Tags":                      tags(50),
	}))
}

// existingDatabase is connected to something each time, as it makes nothing before.
func (w surroundings) existingDatabase() subject {
	type args = components.ExistingDatabaseArgs
	connected := func(ctx *pulumi.Context, name string, a *args, opts ...pulumi.ResourceOption) (*components.ExistingDatabase, error) {
		database, err := components.NewExistingDatabase(ctx, name, a, opts...)
		if err == nil {
			_, err = database.AllowFrom(ctx, ctx.Stack(), w.text("balancerGroup"))
		}
		return database, err
	}
	return of(connected, func(run string) *args {
		// Each run is a rule for a port of its own, of which a group has one.
		port := 1
		for _, letter := range run {
			port = (port*31 + int(letter)) % 60000
		}
		return &args{Endpoint: pulumi.String("db.example.com"), DatabaseName: pulumi.String("app"), SecretArn: w.text("secret"), SecurityGroupId: w.text("databaseGroup"), Port: pulumi.Int(port + 1000)}
	}, map[string]argument{
		"name":            names(71),
		"Endpoint":        {past: []any{func(a *args) { a.Endpoint = nil }}},
		"Port":            {at: []any{1, 65535}, past: []any{0, 65536}},
		"DatabaseName":    {past: []any{func(a *args) { a.DatabaseName = nil }}},
		"SecretArn":       {past: []any{func(a *args) { a.SecretArn = nil }}},
		"SecurityGroupId": {past: []any{func(a *args) { a.SecurityGroupId = nil }}},
		"SslMode":         sslMode,
		"Tags":            tags(50),
	})
}

func (w surroundings) image() subject {
	type args = components.ImageArgs
	const context = "../docker/app"
	prebuilt := func(reference string) func(*args) {
		return func(a *args) { *a = args{Prebuilt: reference} }
	}
	return of(components.NewImage, func(string) *args { return &args{Context: context} }, map[string]argument{
		"name":       {at: []any{"a", "a" + strings.Repeat("-b", 49) + "c"}, past: []any{"", strings.Repeat("a", 101), "A", "a-", "1a"}},
		"Context":    {at: []any{context}, past: []any{"../docker/none", ""}},
		"Dockerfile": {at: []any{context + "/Dockerfile"}, past: []any{"Dockerfile"}},
		"Target":     {at: []any{"prod"}, past: []any{"none", "99"}},
		"BuildArgs":  {at: []any{map[string]string{"A_1": "x"}}, past: []any{map[string]string{"1A": "x"}, map[string]string{"A-B": "x"}}},
		"Platform":   {at: []any{"linux/arm64", "linux/amd64"}, past: []any{"linux/arm", "windows/amd64"}},
		"Revision":   {at: []any{strings.Repeat("ä /", 100)}, past: []any{func(a *args) { *a = args{Prebuilt: anImage, Revision: "2"} }}},
		"Prebuilt": {at: []any{prebuilt(anImage), prebuilt(strings.Repeat("a", 255-len("@sha256:")-64) + "@sha256:" + strings.Repeat("0", 64))},
			past: []any{prebuilt("app:latest"), prebuilt(anImage[:len(anImage)-1]), prebuilt(strings.Repeat("a", 256-len("@sha256:")-64) + "@sha256:" + strings.Repeat("0", 64))}},
		"KeepImages": {at: []any{1, 1000}, past: []any{-1, 1001}},
		"Ephemeral":  either,
		"Tags":       tags(50),
	})
}

func (w surroundings) queue() subject {
	type args = components.QueueArgs
	return of(components.NewQueue, func(string) *args { return &args{} }, join(alarmRow(w, func(a *args, actions pulumi.StringArrayInput) { a.AlarmActions = actions }), map[string]argument{
		"name":              names(54),
		"ExistingArn":       {at: []any{func(a *args) { a.ExistingArn = w.text("queue") }}, past: []any{"jobs", "arn:aws:sns:us-east-1:123456789012:jobs", func(a *args) { a.ExistingArn, a.Fifo = w.text("queue"), true }}},
		"Variable":          {at: []any{"A", "_a1"}, past: []any{"1A", "A-B"}},
		"VisibilityTimeout": {at: []any{1, 43200}, past: []any{-1, 43201}},
		"MaxReceiveCount":   {at: []any{1, 1000}, past: []any{-1, 1001}},
		"RetentionSeconds":  {at: []any{60, 1209600}, past: []any{59, 1209601}},
		"Fifo":              either,
		"KmsKeyArn":         {at: []any{string(w.text("key"))}, free: onlyAWS},
		"MaxMessageAge":     {at: []any{60, 1209600}, past: []any{59, 1209601}},
		"Ephemeral":         either,
		"Tags":              tags(50),
	}))
}

func (w surroundings) secret() subject {
	type args = components.GeneratedSecretArgs
	return of(components.NewGeneratedSecret, func(string) *args { return &args{} }, map[string]argument{
		"name":                 names(240),
		"Description":          {at: []any{strings.Repeat("d", 2048)}, past: []any{strings.Repeat("d", 2049)}},
		"Length":               {at: []any{32, 4096}, past: []any{31, 4097}},
		"Revision":             {at: []any{"2", "after the incident"}, free: anyText},
		"RecoveryWindowInDays": {at: []any{7, 30}, past: []any{6, 31}},
		"Ephemeral":            either,
		"Tags":                 tags(50),
	})
}

func (w surroundings) topic() subject {
	type args = components.AlarmTopicArgs
	return of(components.NewAlarmTopic, func(string) *args { return &args{} }, map[string]argument{
		"name":     names(242),
		"Emails":   {at: []any{[]string{"a@b.co", strings.Repeat("a", 64) + "@example.com"}}, past: []any{[]string{"a"}, []string{"a@b"}, []string{"A <a@b.co>"}, []string{"a@b.co", "a@b.co"}}},
		"WebHooks": {at: []any{map[string]string{"duty": "https://example.com/hook"}}, past: []any{func(a *args) { a.WebHooks = map[string]pulumi.StringInput{"duty": nil} }, map[string]string{"duty": "http://example.com"}}},
		"Tags":     tags(50),
	})
}

func (w surroundings) dashboard() subject {
	type args = components.DashboardArgs
	made := func(ctx *pulumi.Context, name string, a *args, opts ...pulumi.ResourceOption) (*components.Dashboard, error) {
		return components.NewDashboard(ctx, name, a, opts...)
	}
	queues := func(count int) func(*pulumi.Context, *args) {
		return func(ctx *pulumi.Context, a *args) {
			for i := range count {
				a.Queues = append(a.Queues, must(components.NewQueue(ctx, fmt.Sprint("queue", i), nil)))
			}
		}
	}
	return of(made, func(string) *args { return &args{} }, map[string]argument{
		"name": {at: []any{func(ctx *pulumi.Context, a *args) { queues(1)(ctx, a) }}, past: []any{"", "a b", strings.Repeat("a", 54)}},
		"Web": {at: []any{func(ctx *pulumi.Context, a *args) {
			a.Web = must(components.NewWebService(ctx, "web", w.webArgs(ctx.Stack())))
		}}, past: []any{func(*args) {}}},
		"Queues": {at: []any{queues(1), queues(20)}, past: []any{func(a *args) { a.Queues = []*components.Queue{nil} }}},
		"Workers": {at: []any{func(ctx *pulumi.Context, a *args) {
			queues(1)(ctx, a)
			workers := w.workersArgs()
			workers.Queues = a.Queues
			a.Workers = must(components.NewQueueWorkers(ctx, "workers", workers))
		}}, free: onlyAWS},
		"Database": {at: []any{func(ctx *pulumi.Context, a *args) {
			a.Database = must(components.NewAuroraServerless(ctx, "db", &components.AuroraServerlessArgs{VpcId: w.text("vpc"), SubnetIds: w.list("isolated")}))
		}}, past: []any{func(*args) {}}},
	})
}

func must[C any](made C, err error) C {
	if err != nil {
		panic(err)
	}
	return made
}

func (w surroundings) site() subject {
	type args = components.StaticSiteArgs
	domain := func(name, zone string) func(*args) {
		return func(a *args) { a.DomainName, a.HostedZone = name, zone }
	}
	folder := func(change func(*args)) func(*args) {
		return func(a *args) {
			a.Folder = "../docker/app/todo/static"
			change(a)
		}
	}
	return of(components.NewStaticSite, func(string) *args { return &args{Ephemeral: true} }, map[string]argument{
		"name": {at: []any{"a", "a" + strings.Repeat("-b", 21)}, past: []any{"", strings.Repeat("a", 44), "A", "a--b", "sthree-a"}},
		"DomainName": {at: []any{"b.co", domain(strings.Repeat("b", 52)+".example.com", "example.com")},
			past: []any{domain(strings.Repeat("a", 53)+".example.com", "example.com"), "localhost", "A.example.com", "a_b.example.com"}},
		"HostedZone":            {at: []any{domain("static1.example.com", "example.com"), domain("example.net", "example.net")}, past: []any{domain("static.example.com", "example.org"), "example.com"}},
		"Folder":                {at: []any{folder(func(*args) {})}, past: []any{"none"}},
		"Immutable":             {at: []any{folder(func(a *args) { a.Immutable = []string{"assets/"} })}, past: []any{folder(func(a *args) { a.Immutable = []string{"assets"} }), []string{"assets/"}}},
		"DefaultRootObject":     {at: []any{"i", strings.Repeat("a", 255)}, past: []any{strings.Repeat("a", 256), "/index.html", "a b"}},
		"SinglePageApplication": either,
		"CorsOrigins": {at: []any{[]string{"*"}, []string{"https://*.example.com:65535", "http://localhost:1"}},
			past: []any{[]string{"example.com"}, []string{"https://example.com/"}, []string{"https://example.com:65536"}, []string{"*", "*"}}},
		"ContentSecurityPolicy": {at: []any{strings.Repeat("a", 1783)}, past: []any{strings.Repeat("a", 1784), "a\nb", "ä"}},
		"PriceClass":            {at: []any{"PriceClass_100", "PriceClass_200", "PriceClass_All"}, past: []any{"PriceClass_300"}},
		"WebAclArn": {at: []any{"arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/01234567-89ab-cdef-0123-456789abcdef"},
			past: []any{"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/01234567-89ab-cdef-0123-456789abcdef"}},
		"UploadPrefix":     {at: []any{"a/", strings.Repeat("a", 1023) + "/"}, past: []any{"a", "/a/", "a//", "*/", strings.Repeat("a", 1024) + "/"}},
		"AccessLogs":       either,
		"LogRetentionDays": {at: []any{1, 36500}, past: []any{-1, 36501}},
		"UsEast1":          {free: onlyAWS},
		"Ephemeral":        either,
		"Tags":             tags(50),
	})
}
