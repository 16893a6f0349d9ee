package localserve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secretstypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"slipway/internal/localaws"
)

// The credentials of every container. moto takes any; these are nobody's.
const (
	accessKeyID     = "local"
	secretAccessKey = "local"
)

// moto plays S3, SQS and Secrets Manager. It keeps everything in memory.
type moto struct {
	*process
	*awsClients
	port int
}

// awsClients are clients of a moto.
type awsClients struct {
	s3      *s3.Client
	sqs     *sqs.Client
	secrets *secretsmanager.Client
}

func newAWSClients(endpoint, region string) *awsClients {
	config := aws.Config{
		Region:       region,
		BaseEndpoint: &endpoint,
		Credentials:  credentials.NewStaticCredentialsProvider(accessKeyID, secretAccessKey, ""),
	}
	return &awsClients{
		s3:      s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
		sqs:     sqs.NewFromConfig(config),
		secrets: secretsmanager.NewFromConfig(config),
	}
}

// startMoto starts a moto_server on a free port of the host.
func startMoto(ctx context.Context, h *home, host, region string) (*moto, error) {
	server, err := exec.LookPath("moto_server")
	if err != nil {
		return nil, errors.New("moto_server, which plays S3, SQS and Secrets Manager, is not on PATH: pip install 'moto[server]'")
	}
	cmd := exec.Command(server, "-H", host, "-p", "0")
	// Nothing that leads to AWS; the home directory is where version managers look for Python.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"}
	log, err := newStartLog(h.path("moto.log"), "Running on http://")
	if err != nil {
		return nil, err
	}
	m := &moto{}
	if m.process, err = h.startProcess(cmd, log); err != nil {
		return nil, fmt.Errorf("moto_server: %w", err)
	}
	address, err := log.wait(ctx, m.process, "moto_server")
	if err == nil {
		m.port, err = strconv.Atoi(address[strings.LastIndexByte(address, ':')+1:])
	}
	if err != nil {
		m.kill()
		<-m.done
		return nil, err
	}
	m.awsClients = newAWSClients("http://"+address, region)
	return m, nil
}

// stop ends it; there is nothing to be kept.
func (m *moto) stop() { stopProcess(m.process, syscall.SIGTERM, 2*time.Second) }

// fill makes what is registered. Files that a deployment puts into buckets are read anew from the project.
func (m *moto) fill(ctx context.Context, r *registered, secrets []secretValue, states *stateReader, projectDir string) error {
	for _, o := range r.of(bucketType) {
		if err := m.makeBucket(ctx, text(o, "bucket"), o.Region); err != nil {
			return fmt.Errorf("the bucket %s: %w", text(o, "bucket"), err)
		}
	}
	for _, o := range r.of(bucketObjectType) {
		state, err := states.of(ctx, o)
		if err != nil {
			return err
		}
		if err := m.putObject(ctx, o, inProject(projectDir, state.Files[o.ID])); err != nil {
			return fmt.Errorf("the file %s of the bucket %s: %w", text(o, "key"), text(o, "bucket"), err)
		}
	}
	queues := r.of(queueType)
	// Those that others send their dead letters to come first.
	slices.SortStableFunc(queues, func(a, b localaws.Object) int { return len(text(a, "redrivePolicy")) - len(text(b, "redrivePolicy")) })
	for _, o := range queues {
		if err := m.makeQueue(ctx, o); err != nil {
			return fmt.Errorf("the queue %s: %w", text(o, "name"), err)
		}
	}
	for _, s := range secrets {
		input := &secretsmanager.CreateSecretInput{Name: &s.name, SecretString: &s.value}
		if s.versionID != "" {
			input.ClientRequestToken = &s.versionID
		}
		if _, err := m.secrets.CreateSecret(ctx, input); err != nil {
			return fmt.Errorf("the secret %s: %w", s.name, err)
		}
	}
	return nil
}

func (m *moto) makeBucket(ctx context.Context, name, region string) error {
	input := &s3.CreateBucketInput{Bucket: &name}
	if region != "us-east-1" { // which has no name here
		input.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(region)}
	}
	_, err := m.s3.CreateBucket(ctx, input)
	return err
}

func (m *moto) putObject(ctx context.Context, o localaws.Object, path string) error {
	source, err := os.Open(path)
	if err != nil {
		return err
	}
	defer source.Close()
	input := &s3.PutObjectInput{Bucket: aws.String(text(o, "bucket")), Key: aws.String(text(o, "key")), Body: source}
	if contentType := text(o, "contentType"); contentType != "" {
		input.ContentType = &contentType
	}
	if cacheControl := text(o, "cacheControl"); cacheControl != "" {
		input.CacheControl = &cacheControl
	}
	_, err = m.s3.PutObject(ctx, input)
	return err
}

// The attributes of a queue, and the properties that say what they are to be.
var queueAttributes = map[sqstypes.QueueAttributeName]string{
	sqstypes.QueueAttributeNameVisibilityTimeout:             "visibilityTimeoutSeconds",
	sqstypes.QueueAttributeNameMessageRetentionPeriod:        "messageRetentionSeconds",
	sqstypes.QueueAttributeNameDelaySeconds:                  "delaySeconds",
	sqstypes.QueueAttributeNameMaximumMessageSize:            "maxMessageSize",
	sqstypes.QueueAttributeNameReceiveMessageWaitTimeSeconds: "receiveWaitTimeSeconds",
}

func (m *moto) makeQueue(ctx context.Context, o localaws.Object) error {
	name := path.Base(o.ID)
	attributes := map[string]string{}
	for attribute, property := range queueAttributes {
		if _, given := o.Properties[property]; given {
			attributes[string(attribute)] = strconv.Itoa(integer(o.Properties[property]))
		}
	}
	if policy := text(o, "redrivePolicy"); policy != "" {
		attributes[string(sqstypes.QueueAttributeNameRedrivePolicy)] = policy
	}
	if fifo, _ := o.Properties["fifoQueue"].(bool); fifo {
		attributes[string(sqstypes.QueueAttributeNameFifoQueue)] = "true"
	}
	_, err := m.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	return err
}

// lost says what is in the queues, and goes with them: a sentence for each that is not empty.
func (m *moto) lost(ctx context.Context, r *registered) (sentences []string) {
	for _, o := range r.of(queueType) {
		name := path.Base(o.ID)
		url, err := m.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
		if err != nil {
			continue
		}
		visible, inWork := sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible
		answer, err := m.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{visible, inWork}})
		if err != nil {
			continue
		}
		if n := integer(answer.Attributes[string(visible)]) + integer(answer.Attributes[string(inWork)]); n > 0 {
			sentences = append(sentences, fmt.Sprintf("the queue %s is gone, with %s in it", name, plural(n, "message")))
		}
	}
	return sentences
}

// secret implements secretStore.
func (c *awsClients) secret(ctx context.Context, arn, stage, version string) (string, error) {
	input := &secretsmanager.GetSecretValueInput{SecretId: &arn}
	if stage != "" {
		input.VersionStage = &stage
	}
	if version != "" {
		input.VersionId = &version
	}
	answer, err := c.secrets.GetSecretValue(ctx, input)
	var none *secretstypes.ResourceNotFoundException
	switch {
	case errors.As(err, &none):
		return "", errNoSecret
	case err != nil:
		return "", err
	}
	return aws.ToString(answer.SecretString), nil
}

// file reads an object for the static site.
func (c *awsClients) file(ctx context.Context, bucket, key string) (body io.ReadCloser, header http.Header, err error) {
	answer, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	var none *s3types.NoSuchKey
	switch {
	case errors.As(err, &none):
		return nil, nil, os.ErrNotExist
	case err != nil:
		return nil, nil, err
	}
	header = http.Header{}
	for name, value := range map[string]*string{
		"Content-Type": answer.ContentType, "Cache-Control": answer.CacheControl, "Content-Encoding": answer.ContentEncoding, "ETag": answer.ETag,
	} {
		if value != nil {
			header.Set(name, *value)
		}
	}
	return answer.Body, header, nil
}
