package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/invalid"
	"slipway/internal/limits"
)

// GeneratedSecret is a random value that only the application knows, such as Django's SECRET_KEY.
//
//	key, err := components.NewGeneratedSecret(ctx, "app-key", nil)
//	... WebServiceArgs{Secrets: map[string]components.SecretReference{"SECRET_KEY": key.Reference()}}
//
// It creates a secret in Secrets Manager and its value, letters and digits. The
// value is made by the first deployment and stays. It is in Pulumi's state too, there encrypted only, and
// never in an output. Revision makes a new one.
//
// It costs $0.40 a month, and $0.05 per 10,000 reads.
type GeneratedSecret struct {
	pulumi.ResourceState

	// SecretArn is the secret in Secrets Manager; Reference names the value in it.
	SecretArn pulumi.StringOutput `pulumi:"secretArn"`
	// VersionId names the value; it is another one after the value was replaced.
	VersionId pulumi.StringOutput `pulumi:"versionId"`

	Secret  *secretsmanager.Secret
	Version *secretsmanager.SecretVersion
}

// GeneratedSecretArgs are all optional.
type GeneratedSecretArgs struct {
	// Description of the secret in Secrets Manager. Default: "Generated for <name>".
	Description string `pulumi:"description,optional"`
	// Length in characters, 32 to 4096. Default: 64, about 380 bits.
	Length int `pulumi:"length,optional"`
	// Revision is any text; another one replaces the value, and the services that refer to it are redeployed. What was
	// signed with the old value is void then: with Django's SECRET_KEY, everybody signs in again. Default: none. Example: "2".
	Revision string `pulumi:"revision,optional"`
	// RecoveryWindowInDays is for how long the deleted secret can be restored, 7 to 30. Default: 30, and none with Ephemeral.
	RecoveryWindowInDays int `pulumi:"recoveryWindowInDays,optional"`
	// Ephemeral deletes the secret at once. Default: false.
	Ephemeral bool `pulumi:"ephemeral,optional"`
	// Tags of the secret. Default: none. Example: map[string]string{"team": "shop"}.
	Tags map[string]string `pulumi:"tags,optional"`
}

// NewGeneratedSecret makes a secret. An error names every argument that is wrong.
func NewGeneratedSecret(ctx *pulumi.Context, name string, args *GeneratedSecretArgs, opts ...pulumi.ResourceOption) (*GeneratedSecret, error) {
	settings, err := args.withDefaults(name)
	if err != nil {
		return nil, err
	}
	s := &GeneratedSecret{}
	if err := ctx.RegisterComponentResource("slipway:index:GeneratedSecret", name, s, opts...); err != nil {
		return nil, err
	}
	s.Secret, err = secretsmanager.NewSecret(ctx, name+"-secret", &secretsmanager.SecretArgs{
		Description:          pulumi.String(settings.Description),
		RecoveryWindowInDays: pulumi.Int(settings.RecoveryWindowInDays),
		Tags:                 pulumi.ToStringMap(settings.Tags),
	}, pulumi.Parent(s))
	if err != nil {
		return nil, err
	}
	if err := s.createValue(ctx, name, settings); err != nil {
		return nil, err
	}
	s.SecretArn = s.Secret.Arn
	s.VersionId = s.Version.VersionId
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{"secretArn": s.SecretArn, "versionId": s.VersionId})
}

// Reference names this very value, so that a replaced value is a changed task definition.
func (s *GeneratedSecret) Reference() SecretReference {
	return SecretReference{Arn: s.SecretArn, VersionId: s.VersionId.ToStringPtrOutput()}
}

func (s *GeneratedSecret) createValue(ctx *pulumi.Context, name string, args GeneratedSecretArgs) (err error) {
	// Only letters and digits, so that the value survives shells, URLs and .env files.
	generated := secretsmanager.GetRandomPasswordOutput(ctx, secretsmanager.GetRandomPasswordOutputArgs{
		PasswordLength:     pulumi.Int(args.Length),
		ExcludePunctuation: pulumi.Bool(true),
	}, pulumi.Parent(s))

	// A new value comes with a new logical name: ignoreChanges keeps the old value even through a replacement.
	logicalName := name + "-value"
	if args.Revision != "" {
		logicalName += "-" + args.Revision
	}
	s.Version, err = secretsmanager.NewSecretVersion(ctx, logicalName, &secretsmanager.SecretVersionArgs{
		SecretId:     s.Secret.ID(),
		SecretString: pulumi.ToSecret(generated.RandomPassword()).(pulumi.StringOutput),
	}, pulumi.Parent(s), pulumi.IgnoreChanges([]string{"secretString"}))
	return err
}

func (a *GeneratedSecretArgs) withDefaults(name string) (GeneratedSecretArgs, error) {
	var args GeneratedSecretArgs
	if a != nil {
		args = *a
	}
	if args.Description == "" {
		args.Description = "Generated for " + name
	}
	if args.Length == 0 {
		args.Length = 64
	}
	wrong := invalid.In(fmt.Sprintf("GeneratedSecret %q", name))
	if args.RecoveryWindowInDays == 0 && !args.Ephemeral {
		args.RecoveryWindowInDays = 30
	}
	if args.RecoveryWindowInDays != 0 {
		wrong.Check("recoveryWindowInDays", args.RecoveryWindowInDays, limits.SecretRecoveryWindow(args.RecoveryWindowInDays))
	}
	wrong.Check("name", name, limits.NamePrefix(name, "-secret", limits.SecretNameLength))
	wrong.Check("description", args.Description, limits.SecretDescription(args.Description))
	checkTags(args.Tags, limits.MaxTags, wrong)
	wrong.Check("length", args.Length, limits.SecretLength(args.Length))
	return args, wrong.Err()
}
