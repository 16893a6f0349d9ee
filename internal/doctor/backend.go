package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"slipway/internal/awsaccess"
	"slipway/internal/stacks"
)

// stateBackend looks whether the state can be reached, and the stack's secrets be read.
func (d *Doctor) stateBackend(ctx context.Context) {
	const what = "state backend"
	out, err := d.pulumi(ctx, "whoami", "--verbose", "--json")
	var who struct{ URL string }
	if err == nil {
		err = json.Unmarshal(out, &who)
	}
	if err != nil {
		next := "slipway bootstrap, or pulumi login s3://..."
		if !strings.Contains(err.Error(), "PULUMI_ACCESS_TOKEN") {
			d.report.add(Wrong, what, err.Error(), next)
			return
		}
		d.report.add(Missing, what, "pulumi is not logged in", next)
		return
	}
	d.backend = who.URL
	out, err = d.pulumi(ctx, "stack", "ls", "--json")
	var list []struct{ Name string }
	if err == nil {
		err = json.Unmarshal(out, &list)
	}
	if err != nil {
		d.report.add(Wrong, what, who.URL+" does not answer: "+err.Error(), "look whether the bucket is there and the credentials may use it; slipway bootstrap completes one")
		return
	}
	var names []string
	for _, s := range list {
		names = append(names, path.Base(s.Name))
	}
	has := "no stacks of this project yet"
	if len(names) > 0 {
		has = "with " + strings.Join(names, ", ")
	}
	d.report.add(OK, what, who.URL+", "+has, "")
	if d.Stack == "" {
		return
	}
	if !slices.Contains(names, d.Stack) {
		d.report.add(Missing, "stack "+d.Stack, "it is not in that backend", "slipway bootstrap --stacks "+d.Stack)
		return
	}
	d.lock(ctx)
	out, err = d.pulumi(ctx, "stack", "export", "-s", d.Stack)
	var exported struct{ Deployment stacks.State }
	if err == nil {
		err = json.Unmarshal(out, &exported)
	}
	if err != nil {
		d.report.add(Wrong, "stack "+d.Stack, err.Error(), "slipway recover "+d.Stack)
		return
	}
	d.state = &exported.Deployment
	detail, next, status := fmt.Sprintf("resources: %d", d.deployed()), "", OK
	if d.deployed() == 0 {
		detail = "not deployed yet"
	}
	if n := len(d.state.PendingOperations); n > 0 {
		status, detail, next = Wrong, fmt.Sprintf("a run died, and its operations are pending: %d", n), "slipway recover "+d.Stack
	}
	d.report.add(status, "stack "+d.Stack, detail, next)
	d.secretsProvider(ctx)
}

// deployed counts what the stack has made.
func (d *Doctor) deployed() (n int) {
	for _, r := range d.state.Resources {
		if r.Custom && !strings.HasPrefix(r.Type, "pulumi:") {
			n++
		}
	}
	return n
}

// has tells whether the stack has made something of a type.
func (d *Doctor) has(typ string) bool {
	return d.state != nil && slices.ContainsFunc(d.state.Resources, func(r stacks.Resource) bool { return r.Type == typ })
}

// longestRun is how long no update takes.
const longestRun = time.Hour

// lock looks who has locked the stack. Pulumi Cloud says so itself, and forgets those that are gone.
func (d *Doctor) lock(ctx context.Context) {
	files, err := d.locks(ctx)
	if err != nil {
		d.report.add(Unknown, "lock", awsaccess.Explain(err).Error(), "")
		return
	}
	if len(files) == 0 {
		d.report.add(OK, "lock", "nobody changes the stack at present", "")
	}
	for _, text := range files {
		var held struct {
			Pid                int
			Username, Hostname string
			Timestamp          time.Time
		}
		if err := json.Unmarshal(text, &held); err != nil {
			d.report.add(Unknown, "lock", "one that cannot be read: "+err.Error(), "")
			continue
		}
		detail := fmt.Sprintf("%s on %s (process %d) changes the stack since %s", held.Username, held.Hostname, held.Pid, held.Timestamp.Local().Format("2006-01-02 15:04"))
		if time.Since(held.Timestamp) > longestRun {
			d.report.add(Wrong, "lock", detail+", which no run takes", "slipway recover "+d.Stack)
		} else {
			d.report.optional(OK, "lock", detail, "wait for it; if it died, slipway recover "+d.Stack)
		}
	}
}

// locks are the stack's lock files, in a bucket or a folder.
func (d *Doctor) locks(ctx context.Context) (files [][]byte, err error) {
	address, err := url.Parse(d.backend)
	if err != nil {
		return nil, err
	}
	folder := path.Join(".pulumi", "locks", "organization", d.Project, d.Stack)
	switch address.Scheme {
	case "file":
		root := os.DirFS(filepath.Join(address.Host+address.Path, folder))
		names, err := fs.Glob(root, "*.json")
		for _, name := range names {
			text, readErr := fs.ReadFile(root, name)
			files, err = append(files, text), errors.Join(err, readErr)
		}
		return files, err
	case "s3":
		client := s3.NewFromConfig(d.cfg, func(o *s3.Options) {
			o.DisableLogOutputChecksumValidationSkipped = true // pulumi writes none
			if region := address.Query().Get("region"); region != "" {
				o.Region = region
			}
		})
		prefix := strings.TrimPrefix(path.Join(address.Path, folder), "/") + "/"
		list, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &address.Host, Prefix: &prefix})
		if err != nil {
			return nil, err
		}
		for _, object := range list.Contents {
			answer, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &address.Host, Key: object.Key})
			if err != nil {
				return nil, err
			}
			var text bytes.Buffer
			_, err = text.ReadFrom(answer.Body)
			if err := errors.Join(err, answer.Body.Close()); err != nil {
				return nil, err
			}
			files = append(files, text.Bytes())
		}
	}
	return files, nil
}

// secretsProvider looks whether what is encrypted in the state can be read.
func (d *Doctor) secretsProvider(ctx context.Context) {
	const what = "secrets provider"
	provider := d.state.SecretsProviders
	switch {
	case provider.Type == "service":
		d.report.add(OK, what, "Pulumi Cloud", "")
		return
	case provider.Type == "passphrase":
		if os.Getenv("PULUMI_CONFIG_PASSPHRASE") == "" && os.Getenv("PULUMI_CONFIG_PASSPHRASE_FILE") == "" {
			d.report.optional(Wrong, what, "a passphrase, which is not in the environment", "export PULUMI_CONFIG_PASSPHRASE_FILE=..., or pulumi asks; a pipeline takes a key: pulumi stack change-secrets-provider")
			return
		}
		d.report.add(OK, what, "a passphrase", "")
		return
	}
	address, err := url.Parse(provider.State.URL)
	if err != nil || address.Scheme != "awskms" {
		d.report.add(Unknown, what, provider.State.URL, "")
		return
	}
	id := strings.Trim(address.Host+address.Path, "/")
	region := address.Query().Get("region")
	key, err := kms.NewFromConfig(d.cfg, func(o *kms.Options) {
		if region != "" {
			o.Region = region
		}
	}).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
	switch {
	case awsaccess.HasCode(err, "NotFoundException"):
		d.report.add(Missing, what, "there is no KMS key "+id+" in this account", "take the credentials of the account that the state is in; without the key its secrets are lost")
	case err != nil:
		d.report.add(Unknown, what, awsaccess.Explain(err).Error(), "")
	case key.KeyMetadata.KeyState == kmstypes.KeyStatePendingDeletion:
		d.report.add(Wrong, what, fmt.Sprintf("the KMS key %s is to be deleted on %s, and with it all secrets in the state", id, aws.ToTime(key.KeyMetadata.DeletionDate).UTC().Format("2006-01-02")),
			"aws kms cancel-key-deletion --key-id "+*key.KeyMetadata.KeyId+", then aws kms enable-key")
	case key.KeyMetadata.KeyState != kmstypes.KeyStateEnabled:
		d.report.add(Wrong, what, fmt.Sprintf("the KMS key %s is in the state %s", id, key.KeyMetadata.KeyState), "aws kms enable-key --key-id "+*key.KeyMetadata.KeyId)
	default:
		d.report.add(OK, what, "the KMS key "+id, "")
	}
}

// pulumi runs a command of the user's pulumi.
func (d *Doctor) pulumi(ctx context.Context, args ...string) ([]byte, error) {
	var heard bytes.Buffer
	out, err := d.place.Output(ctx, &heard, args...)
	if err != nil && heard.Len() > 0 {
		lines := strings.Split(strings.TrimSpace(heard.String()), "\n")
		return nil, fmt.Errorf("pulumi %s: %s", args[0], strings.TrimPrefix(lines[len(lines)-1], "error: "))
	}
	return out, err
}
