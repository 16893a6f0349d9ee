package localaws

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const otherAccount, thirdAccount = "210987654321", "333333333333"

// inAccount is the same embedded AWS through a provider that takes on a role of another account, and may do everything.
func (e *embedded) inAccount(account, region string) *embedded {
	e.t.Helper()
	p := newProvider("aws", awsVersion, e.account, e.behaviour)
	_, err := p.Configure(context.Background(), plugin.ConfigureRequest{Inputs: props(map[string]any{"region": region,
		"assumeRole": fmt.Sprintf(`{"roleArn": "arn:aws:iam::%s:role/admin"}`, account)})})
	require.NoError(e.t, err)
	return &embedded{p, e.t}
}

func TestTheAccountIsThatOfTheRole(t *testing.T) {
	t.Parallel()
	there := newEmbedded(t).inAccount(otherAccount, "eu-central-1")
	identity := there.invoke("aws:index/getCallerIdentity:getCallerIdentity", nil)
	assert.Equal(t, otherAccount, identity["accountId"])
	assert.Equal(t, "arn:aws:sts::"+otherAccount+":assumed-role/admin/embedded", identity["arn"])
	assert.Equal(t, "https://"+otherAccount+".dkr.ecr.eu-central-1.amazonaws.com", there.invoke("aws:ecr/getAuthorizationToken:getAuthorizationToken", nil)["proxyEndpoint"])

	vpc := there.create(vpcType, "net", map[string]any{"cidrBlock": "10.0.0.0/16"})["id"].(string)
	there.create(subnetType, "net", map[string]any{"vpcId": vpc, "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"})
	there.create(topicType, "topic", map[string]any{"name": "topic"})
	there.create(queueType, "queue", map[string]any{"name": "queue"})
	there.create(repositoryType, "app", map[string]any{"name": "app"})
	there.create(keyType, "key", nil)
	there.create(connectionType, "connection", map[string]any{"name": "c", "providerType": "GitHub"})
	there.role("tasks", "")
	objects, err := there.account.List()
	require.NoError(t, err)
	for _, o := range objects {
		assert.Equal(t, otherAccount, o.Account, o.Type)
		assert.NotContains(t, fmt.Sprint(o.Properties), AccountID, o.Type)
		if arn := o.text("arn"); arn != "" {
			assert.Equal(t, otherAccount, accountOf(arn), o.Type)
		}
	}
}

func TestWhatIsNoRoleIsRefused(t *testing.T) {
	t.Parallel()
	for _, given := range []any{`{"roleArn": "deploy"}`, "arn:aws:iam::210987654321", map[string]any{"roleArn": "210987654321"}, "210987654321"} {
		answer, err := newEmbedded(t).CheckConfig(t.Context(), plugin.CheckConfigRequest{News: props(map[string]any{"region": "us-east-1", "assumeRole": given})})
		require.NoError(t, err)
		require.Len(t, answer.Failures, 1, given)
		assert.Contains(t, answer.Failures[0].Reason, "takes the ARN of a role; set it with `pulumi config set --path aws:assumeRole.roleArn", given)
	}
	for _, given := range []any{nil, `{}`, `{"roleArn": "arn:aws:iam::210987654321:role/deploy"}`, map[string]any{"roleArn": "arn:aws:iam::210987654321:role/a/deploy"}} {
		answer, err := newEmbedded(t).CheckConfig(t.Context(), plugin.CheckConfigRequest{News: props(map[string]any{"region": "us-east-1", "assumeRole": given})})
		require.NoError(t, err)
		assert.Empty(t, answer.Failures, given)
	}
}

// TestNamesAreTakenWhereTheyAre gives out a name twice: in the same place, in another region, and in another account.
func TestNamesAreTakenWhereTheyAre(t *testing.T) {
	t.Parallel()
	const free = ""
	for typ, c := range map[string]struct {
		inputs                       map[string]any
		same, region, account, other string // the code, in the same account and region, and so on; other is both
	}{
		logGroupType:   {map[string]any{"name": "x"}, "ResourceAlreadyExistsException", free, free, free},
		queueType:      {map[string]any{"name": "x"}, "QueueAlreadyExists", free, free, free},
		repositoryType: {map[string]any{"name": "app"}, "RepositoryAlreadyExistsException", free, free, free},
		roleType:       {map[string]any{"name": "x", "assumeRolePolicy": document(trustTasks)}, "EntityAlreadyExists", "EntityAlreadyExists", free, free},
		bucketType:     {map[string]any{"bucket": "somebodys-bucket"}, "BucketAlreadyOwnedByYou", "BucketAlreadyOwnedByYou", "BucketAlreadyExists", "BucketAlreadyExists"},
		ecsClusterType: {map[string]any{"name": "x"}, "EntityAlreadyExists", free, free, free},
	} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			for _, where := range []struct {
				code string
				in   func(*embedded) *embedded
			}{
				{c.same, func(e *embedded) *embedded { return e }},
				{c.region, func(e *embedded) *embedded { return e.in("eu-central-1") }},
				{c.account, func(e *embedded) *embedded { return e.inAccount(otherAccount, "us-east-1") }},
				{c.other, func(e *embedded) *embedded { return e.inAccount(otherAccount, "eu-central-1") }},
			} {
				e := newEmbedded(t)
				e.create(typ, "first", c.inputs)
				_, err := where.in(e).tryCreate(typ, "second", c.inputs)
				if where.code == free {
					require.NoError(t, err)
					continue
				}
				refused(t, err, where.code)
			}
		})
	}
}

// TestAnAccountSeesItsOwn looks for what another account has, and what is in another region.
func TestAnAccountSeesItsOwn(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	there, region := e.inAccount(otherAccount, "us-east-1"), e.in("eu-central-1")
	vpc, subnets := e.network()
	role := e.role("tasks", "").text("arn")
	key, topic := e.create(keyType, "key", nil)["arn"].(string), e.create(topicType, "topic", map[string]any{"name": "topic"})["id"].(string)
	e.create(bucketType, "bucket", map[string]any{"bucket": "theirs"})
	for name, c := range map[string]struct {
		from   *embedded
		typ    string
		inputs map[string]any
		code   string
	}{
		"a network of the account":        {there, subnetType, map[string]any{"vpcId": vpc, "cidrBlock": "10.0.9.0/24"}, "InvalidVpcID.NotFound"},
		"a network of the region":         {region, subnetType, map[string]any{"vpcId": vpc, "cidrBlock": "10.0.9.0/24"}, "InvalidVpcID.NotFound"},
		"subnets":                         {there, subnetGroupType, map[string]any{"subnetIds": subnets}, "InvalidSubnetID.NotFound"},
		"a role by ARN":                   {there, taskType, with(task(webContainer), map[string]any{"executionRoleArn": role}), "NoSuchEntity"},
		"a role by name":                  {there, rolePolicyType, map[string]any{"role": "tasks", "policy": document(statementOf("Allow", nil, "*", "s3:*"))}, "NoSuchEntity"},
		"a role of the account elsewhere": {region, rolePolicyType, map[string]any{"role": "tasks", "policy": document(statementOf("Allow", nil, "*", "s3:*"))}, ""},
		"a key by ARN":                    {there, queueType, map[string]any{"kmsMasterKeyId": key}, ""},
		"a key that is not there":         {there, queueType, map[string]any{"kmsMasterKeyId": key + "0"}, "NotFoundException"},
		"another account's bucket":        {there, publicAccessBlockType, map[string]any{"bucket": "theirs"}, "AccessDenied"},
		"a topic of another account":      {there, topicSubscriptionType, map[string]any{"topic": topic, "protocol": "email", "endpoint": "ops@example.com"}, ""},
		"a topic that is not there":       {there, topicSubscriptionType, map[string]any{"topic": topic + "0", "protocol": "email", "endpoint": "ops@example.com"}, "NotFound"},
		"a key of an unknown account":     {there, queueType, map[string]any{"kmsMasterKeyId": strings.Replace(key, AccountID, "999999999999", 1)}, ""},
	} {
		_, err := c.from.tryCreate(c.typ, strings.ReplaceAll(name, " ", "-"), c.inputs)
		if c.code == "" {
			assert.NoError(t, err, name)
			continue
		}
		assert.ErrorContains(t, err, "api error "+c.code+": ", name)
	}

	e.create(zoneType, "zone", map[string]any{"name": "private.internal", "vpcs": []any{map[string]any{"vpcId": vpc}}})
	_, err := there.tryInvoke("aws:route53/getZone:getZone", map[string]any{"name": "private.internal", "privateZone": true})
	require.ErrorContains(t, err, "no matching Route 53 Hosted Zone")
	assert.Equal(t, "private.internal", region.invoke("aws:route53/getZone:getZone", map[string]any{"name": "private.internal", "privateZone": true})["name"])

	read, err := there.Read(t.Context(), plugin.ReadRequest{URN: urnOf(vpcType, "net"), ID: resource.ID(vpc)})
	require.NoError(t, err)
	assert.Empty(t, read.ID)
	require.NoError(t, there.remove(vpcType, "net", vpc), "what is not there is deleted")
	assert.NotNil(t, e.account.existing(vpcType, vpc))
}

func TestPoliciesNameRolesOfOtherAccounts(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	there := e.inAccount(otherAccount, "us-east-1")
	theirs := there.role("tasks", "").text("arn")
	trusting := func(arn string) error {
		_, err := e.tryCreate(roleType, "trusting", map[string]any{"assumeRolePolicy": document(map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": arn}, "Action": "sts:AssumeRole"})})
		return err
	}
	refused(t, trusting("arn:aws:iam::"+otherAccount+":role/none"), "MalformedPolicyDocument")
	require.NoError(t, trusting(theirs))
}

// TestAcrossAccounts asks for calls of a role in one account on things of another: each has to allow them.
func TestAcrossAccounts(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	there := e.inAccount(otherAccount, "eu-central-1")
	open := map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::" + otherAccount + ":root"}}
	both := func(more map[string]any) string { return document(with(open, more)) }
	bucket := e.create(bucketType, "bucket", map[string]any{"bucket": "theirs"})["arn"].(string)
	e.create(bucketPolicyType, "bucket", map[string]any{"bucket": "theirs", "policy": both(map[string]any{"Action": "s3:GetObject", "Resource": bucket + "/*"})})
	keeps := map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": AccountID}, "Action": "kms:*", "Resource": "*"}
	key := e.create(keyType, "key", map[string]any{"policy": document(keeps, with(open, map[string]any{"Action": "kms:Decrypt", "Resource": "*"}))})["arn"].(string)
	closed := e.create(keyType, "closed", nil)["arn"].(string)
	repository := e.create(repositoryType, "app", map[string]any{"name": "app"})["arn"].(string)
	e.create("aws:ecr/repositoryPolicy:RepositoryPolicy", "app", map[string]any{"repository": "app", "policy": both(map[string]any{"Action": "ecr:BatchGetImage"})})
	role := e.create(roleType, "open", map[string]any{"name": "open", "assumeRolePolicy": both(map[string]any{"Action": "sts:AssumeRole"})})["arn"].(string)
	own := there.create(queueType, "own", map[string]any{"name": "own"})["arn"].(string)

	everything := there.role("everything", document(statementOf("Allow", nil, "*", "*"))).text("arn")
	nothing := there.role("nothing", "").text("arn")
	third := e.inAccount(thirdAccount, "us-east-1").role("third", document(statementOf("Allow", nil, "*", "*"))).text("arn")
	const noIdentity, noResource = "denied: no identity-based policy allows it, and a call to another account takes one of each side", "denied: no resource-based policy allows it, and a call to another account takes one of each side"
	for _, c := range []struct{ role, action, resource, want string }{
		{everything, "s3:GetObject", bucket + "/x", "allowed by statement 1 of the policy of " + bucket},
		{everything, "s3:PutObject", bucket + "/x", noResource},
		{nothing, "s3:GetObject", bucket + "/x", noIdentity},
		{third, "s3:GetObject", bucket + "/x", noResource},
		{everything, "kms:Decrypt", key, "allowed by statement 2 of the policy of " + key},
		{everything, "kms:Encrypt", key, noResource},
		{everything, "kms:Decrypt", closed, noResource},
		{nothing, "kms:Decrypt", key, noIdentity},
		{everything, "ecr:BatchGetImage", repository, "allowed by statement 1 of the policy of " + repository},
		{nothing, "ecr:BatchGetImage", repository, noIdentity},
		{third, "ecr:BatchGetImage", repository, noResource},
		{everything, "sts:AssumeRole", role, "allowed by statement 1 of the trust policy of role open"},
		{nothing, "sts:AssumeRole", role, noIdentity},
		{third, "sts:AssumeRole", role, noResource},
		{third, "sqs:SendMessage", own, noResource},
		{everything, "sqs:SendMessage", own, "allowed by statement 1 of inline of role everything"},
		{"everything", "ecr:BatchGetImage", repository, "allowed by statement 1 of the policy of " + repository}, // the only role of the name
	} {
		assert.Equal(t, c.want, e.authorized(Call{Principal: c.role, Action: c.action, Resource: c.resource}), "%s %s %s", c.role, c.action, c.resource)
	}
}

// TestTakingOnARoleElsewhere starts with a role of one account, and makes things in another.
func TestTakingOnARoleElsewhere(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	there := e.inAccount(otherAccount, "us-east-1")
	starts := e.role("starts", document(statementOf("Allow", nil, "*", "sts:AssumeRole"))).text("arn")
	may := e.role("may-not", "").text("arn")
	trusting := func(name string, principals ...any) string {
		arn := there.deploy(roleType, name, map[string]any{"name": name, "assumeRolePolicy": document(map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"AWS": principals}, "Action": "sts:AssumeRole"})}).text("arn")
		there.deploy(rolePolicyType, name, map[string]any{"role": name, "name": "inline", "policy": document(statementOf("Allow", nil, "arn:aws:sqs:*:"+otherAccount+":*", queueActions...))})
		return arn
	}
	deploys := trusting("deploys", starts, may)
	acting, err := e.as(starts, deploys)
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:sqs:us-east-1:"+otherAccount+":mine", acting.create(queueType, "mine", map[string]any{"name": "mine"})["arn"])
	_, err = acting.tryCreate(logGroupType, "mine", map[string]any{"name": "mine"})
	assert.ErrorContains(t, err, "User: arn:aws:sts::"+otherAccount+":assumed-role/deploys/embedded is not authorized to perform: logs:CreateLogGroup on resource: arn:aws:logs:us-east-1:"+otherAccount)

	_, err = e.as(may, deploys)
	assert.ErrorContains(t, err, "because no identity-based policy allows the sts:AssumeRole action", "a trust policy is not enough across accounts")
	_, err = e.as(starts, trusting("others", may))
	assert.ErrorContains(t, err, "because no resource-based policy allows the sts:AssumeRole action")
	_, err = e.as("arn:aws:iam::"+otherAccount+":role/deploys", "")
	require.NoError(t, err, "one can start with a role of any account")
}

// TestPullingAcrossAccounts starts a service with another account's image.
func TestPullingAcrossAccounts(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	there := e.inAccount(otherAccount, "us-east-1")
	e.create(repositoryType, "app", map[string]any{"name": "app"})
	service := there.fargateService()
	run := func(name, image, role string) error {
		inputs := with(web(map[string]any{"image": image}), map[string]any{"executionRoleArn": role})
		task := there.create(taskType, name, inputs)["arn"]
		_, err := there.tryCreate(serviceType, name, with(service, map[string]any{"name": name, "taskDefinition": task}))
		return err
	}
	const repository = "arn:aws:ecr:us-east-1:" + AccountID + ":repository/app"
	pulls := there.role("pulls", document(statementOf("Allow", nil, repository, "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"))).text("arn")
	none := there.role("none", "").text("arn")
	image := home.registry() + "/app@sha256:0"

	refused(t, run("closed", image, pulls), "CannotPullContainerError")
	e.create("aws:ecr/repositoryPolicy:RepositoryPolicy", "app", map[string]any{"repository": "app", "policy": document(map[string]any{"Effect": "Allow",
		"Principal": map[string]any{"AWS": "arn:aws:iam::" + otherAccount + ":root"}, "Action": []any{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}})})
	require.NoError(t, run("open", image, pulls))
	err := run("without", image, none)
	refused(t, err, "CannotPullContainerError")
	assert.ErrorContains(t, err, "because no identity-based policy allows the ecr:BatchGetImage action")
	_, err = there.tryCreate(taskType, "missing", with(web(map[string]any{"image": home.registry() + "/none:1"}), map[string]any{"executionRoleArn": pulls}))
	assert.ErrorContains(t, err, "The repository with name 'none' does not exist in the registry with id '"+AccountID+"'")
	require.NoError(t, run("unknown", "999999999999.dkr.ecr.us-east-1.amazonaws.com/app:1", pulls))
}

// TestJournalOfOneAccount reads what was written before there were others.
func TestJournalOfOneAccount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	object := `{"put":{"type":"` + logGroupType + `","id":"%[1]s","region":"us-east-1","urn":"urn:pulumi:test::slipway::` + logGroupType + `::%[1]s","created":"2026-01-01T00:00:00Z","properties":{"name":"%[1]s"},"inputs":{}},"generation":1}` + "\n"
	require.NoError(t, os.WriteFile(journalOf(dir), fmt.Appendf(nil, object+object+`{"remove":{"type":"`+logGroupType+`","id":"one"}}`+"\n", "one"), 0o600))
	assert.Empty(t, embeddedIn(t, dir).names())
	require.NoError(t, os.WriteFile(journalOf(dir), fmt.Appendf(nil, object, "two"), 0o600))
	e := embeddedIn(t, dir)
	assert.Equal(t, []string{"two"}, e.names())
	assert.Equal(t, AccountID, e.account.existing(logGroupType, "two").Account)
}

func TestADomainLeadsToOneDistributionInAllAccounts(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	there := e.inAccount(otherAccount, "us-east-1")
	site := func(e *embedded) map[string]any {
		return with(ownCertificate(e.issued("site")), map[string]any{"aliases": []any{"example.com"}})
	}
	e.create(distributionType, "site", site(e))
	_, err := there.tryCreate(distributionType, "site", site(there))
	refused(t, err, "CNAMEAlreadyExists")
}
