package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	imageregistry "github.com/google/go-containerregistry/pkg/registry"
	"github.com/stretchr/testify/require"

	"slipway/internal/gobuild"
	"slipway/internal/localaws"
	"slipway/internal/localrun"
	"slipway/internal/pipelinerun"
)

// What the commands of a build find out about where they are.
const (
	inLocal    = "SLIPWAY_TEST_LOCAL"    // the directory of the embedded AWS and of Pulumi's state
	withCLI    = "SLIPWAY_TEST_CLI"      // the pulumi executable
	atRegistry = "SLIPWAY_TEST_REGISTRY" // the registry that plays ECR
	atAWS      = "AWS_ENDPOINT_URL"      // the server that plays SQS, STS and CodePipeline
)

var ecr = regexp.MustCompile(`\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com`)

// actPulumi is pulumi on PATH: the real one, on the embedded AWS of all builds.
func actPulumi(args []string) int {
	session := &localrun.Session{
		Dir: os.Getenv(inLocal), CLI: os.Getenv(withCLI),
		Attach: func(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
			return localaws.Serve(ctx, localaws.Options{Dir: dir, ProjectDir: projectDir, Role: os.Getenv(localaws.RoleVariable)})
		},
	}
	err := session.Run(context.Background(), args...)
	var exit *localrun.ExitError
	switch {
	case errors.As(err, &exit):
		return exit.Code
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// actSlipway is bin/slipway, with ECR at the registry of the test, and with the credentials of the build's role.
func actSlipway(args []string) int {
	stdout := io.Writer(os.Stdout)
	var image bytes.Buffer
	if role := os.Getenv(localaws.RoleVariable); role != "" {
		for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": path.Base(role), "AWS_SECRET_ACCESS_KEY": "x", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
			os.Setenv(name, value)
		}
		switch {
		case len(args) > 0 && args[0] == "image":
			host := ecr.FindString(strings.Join(args, " "))
			for i := range args {
				args[i] = ecr.ReplaceAllString(args[i], os.Getenv(atRegistry))
			}
			stdout = &image
			defer func() { fmt.Print(strings.ReplaceAll(image.String(), os.Getenv(atRegistry), host)) }()
		case len(args) > 0 && args[0] == "smoke":
			args = append(args, "--web-timeout", "0s")
		}
	}
	return execute(context.Background(), args, os.Stdin, stdout, os.Stderr)
}

// actAWS is the AWS CLI: what the build's role may not do is refused.
func actAWS(args []string) int {
	option := func(name string) string {
		if i := slices.Index(args, name); i >= 0 && i+1 < len(args) {
			return args[i+1]
		}
		return ""
	}
	form := url.Values{"command": {strings.Join(args[:min(2, len(args))], " ")}, "role": {os.Getenv(localaws.RoleVariable)}, "last": {args[len(args)-1]},
		"execution": {option("--pipeline-execution-id")}, "revisions": {option("--source-revisions")}, "pipeline": {option("--name") + option("--pipeline-name")}}
	answer, err := http.PostForm(os.Getenv(atAWS)+"/cli", form)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK {
		fmt.Fprintf(os.Stderr, "%s\n", text)
		return 254
	}
	fmt.Printf("%s\n", text)
	return 0
}

// actDockerPush pushes something that is new, with the build's role.
func actDockerPush(tag string) int {
	if os.Getenv(localaws.RoleVariable) != "" {
		if code := actAWS([]string{"docker", "push", ecr.ReplaceAllString(strings.Split(path.Base(tag), ":")[0], "")}); code != 0 {
			return code
		}
		tag = ecr.ReplaceAllString(tag, os.Getenv(atRegistry))
	}
	if err := pushAnything(tag); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// delivering is a pipeline with all that it reaches: the repository of the source, a registry, an embedded AWS, and a web address.
type delivering struct {
	t       *testing.T
	dir     string
	runner  *pipelinerun.Runner
	commits map[string]string // folder by id
	newest  string
	log     bytes.Buffer

	mu        sync.Mutex
	webStatus int
	sent      int // messages that no worker has taken
	told      []pipelinerun.Approval
	answer    pipelinerun.Answer
}

var ecrPlayed = sync.OnceValue(func() string { return httptest.NewServer(imageregistry.New()).URL })

// executables are built once: the program, and Pulumi's CLI.
var executables = sync.OnceValues(func() (found struct{ program, cli string }, err error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return found, err
	}
	if found.program, err = gobuild.Program(context.Background(), root, filepath.Join(root, ".local", "bin", "program"), os.Stderr); err != nil {
		return found, err
	}
	found.cli, err = (&localrun.Session{WorkDir: root}).FindCLI(context.Background())
	return found, err
})

// firstDelivery is where the pipeline was deployed by hand, and has delivered once.
var firstDelivery struct {
	sync.Once
	dir, commit string
}

// newDelivering is a pipeline that has delivered its first commit to staging and prod.
func newDelivering(t *testing.T) *delivering {
	t.Helper()
	firstDelivery.Do(func() {
		dir, err := os.MkdirTemp("", "slipway-pipeline-")
		require.NoError(t, err)
		d := startDelivering(t, dir)
		d.commit(sourceOfTheProject(t))
		d.byHand("up", "-s", "pipeline", "--yes", "--skip-preview")
		d.open()
		e := d.release(pipelinerun.Approved)
		require.Equal(t, pipelinerun.Succeeded, e.Status, "%v\n%s", e.Err, d.log.String())
		firstDelivery.dir, firstDelivery.commit = dir, d.newest
	})
	require.NotEmpty(t, firstDelivery.commit, "the first delivery has succeeded")
	d := startDelivering(t, t.TempDir())
	d.commits[firstDelivery.commit], d.newest = filepath.Join(firstDelivery.dir, "commits", firstDelivery.commit), firstDelivery.commit
	require.NoError(t, os.CopyFS(filepath.Join(d.dir, "local"), os.DirFS(filepath.Join(firstDelivery.dir, "local"))))
	d.open()
	return d
}

func startDelivering(t *testing.T, dir string) *delivering {
	t.Helper()
	d := &delivering{t: t, dir: dir, commits: map[string]string{}, webStatus: http.StatusOK}
	built, err := executables()
	require.NoError(t, err)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	for _, folder := range []string{"path", "home", "commits", "builds", "local"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, folder), 0o755))
	}
	self, err := os.Executable()
	require.NoError(t, err)
	for name, script := range map[string]string{
		"pulumi": fmt.Sprintf("%s=pulumi exec %s \"$@\"", actAs, self),
		"aws":    fmt.Sprintf("%s=aws exec %s \"$@\"", actAs, self),
		"docker": fmt.Sprintf("case $1 in\npush) %s='docker push' exec %s \"$2\" ;;\nversion) echo 20.10.24 ;;\nbuildx) exit 1 ;;\nlogin) cat > /dev/null ;;\nesac", actAs, self),
		"go": fmt.Sprintf("mkdir -p bin\ncase $* in\n*cmd/slipway) to=bin/slipway line='%s=slipway exec %s \"$@\"' ;;\n*) to=bin/program line='exec %s \"$@\"' ;;\nesac\n"+
			"printf '#!/bin/sh\\n%%s\\n' \"$line\" > $to && chmod +x $to", actAs, self, built.program),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "path", name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	}
	d.runner = &pipelinerun.Runner{
		Dir: filepath.Join(dir, "builds"), Log: &d.log, Checkout: d.checkout,
		Approve: func(asked pipelinerun.Approval) pipelinerun.Answer {
			if !slices.Contains(d.told, asked) {
				d.told = append(d.told, asked)
			}
			return d.answer
		},
		Environ: []string{
			"PATH=" + filepath.Join(dir, "path") + ":/usr/local/bin:/usr/bin:/bin", "HOME=" + filepath.Join(dir, "home"), "LANG=C.UTF-8",
			inLocal + "=" + filepath.Join(dir, "local"), withCLI + "=" + built.cli, atRegistry + "=" + strings.TrimPrefix(ecrPlayed(), "http://"),
			atAWS + "=" + server.URL, "HTTP_PROXY=" + server.URL, "http_proxy=" + server.URL, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1",
		},
	}
	return d
}

// sourceOfTheProject are the files that a repository has for the pipeline.
func sourceOfTheProject(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{
		"docker/app/Dockerfile": "FROM scratch AS prod\nCOPY app.py /\n", "docker/app/app.py": "first\n", "docker/app/.dockerignore": "test\n",
		"docker/app/test": "#!/bin/sh\nexit 0\n",
	}
	for _, pattern := range []string{"delivery/*", "Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml", "Pulumi.pipeline.yaml", "tools/go.mod"} {
		found, err := filepath.Glob(filepath.Join("../..", pattern))
		require.NoError(t, err)
		require.NotEmpty(t, found)
		for _, file := range found {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			files[strings.TrimPrefix(filepath.ToSlash(file), "../../")] = string(data)
		}
	}
	return files
}

// commit makes a new newest commit: the one before with changed files.
func (d *delivering) commit(changed map[string]string) string {
	d.t.Helper()
	id := fmt.Sprintf("%040x", len(d.commits)+1)
	dir := filepath.Join(d.dir, "commits", id)
	if d.newest != "" {
		require.NoError(d.t, os.CopyFS(dir, os.DirFS(d.commits[d.newest])))
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		file := filepath.Join(dir, name)
		require.NoError(d.t, os.MkdirAll(filepath.Dir(file), 0o755))
		mode := fs.FileMode(0o644)
		if strings.HasPrefix(changed[name], "#!") {
			mode = 0o755
		}
		require.NoError(d.t, os.WriteFile(file, []byte(changed[name]), mode))
	}
	d.commits[id], d.newest = dir, id
	return id
}

// edit is commit with a file in which a text is another one.
func (d *delivering) edit(name, before, after string) string {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.commits[d.newest], name))
	require.NoError(d.t, err)
	require.Contains(d.t, string(text), before)
	return d.commit(map[string]string{name: strings.ReplaceAll(string(text), before, after)})
}

func (d *delivering) checkout(_, commit string) (string, string, error) {
	if commit == "" {
		commit = d.newest
	}
	dir, known := d.commits[commit]
	if !known {
		return "", "", fmt.Errorf("there is no commit %s", commit)
	}
	return dir, commit, nil
}

// byHand runs pulumi as the person does who may do everything.
func (d *delivering) byHand(args ...string) string {
	d.t.Helper()
	built, err := executables()
	require.NoError(d.t, err)
	project := d.t.TempDir()
	require.NoError(d.t, os.CopyFS(project, os.DirFS(d.commits[d.newest])))
	var out bytes.Buffer
	session := &localrun.Session{Dir: filepath.Join(d.dir, "local"), CLI: built.cli, Program: built.program, WorkDir: project, Stdout: &out, Stderr: &out, Stdin: strings.NewReader(""),
		Attach: func(ctx context.Context, dir, projectDir string) (localrun.Providers, error) {
			return localaws.Serve(ctx, localaws.Options{Dir: dir, ProjectDir: projectDir})
		}}
	require.NoError(d.t, session.Run(d.t.Context(), append(args, "--non-interactive", "--color=never")...), "%s", &out)
	return out.String()
}

// open finds the pipeline in the embedded AWS.
func (d *delivering) open() {
	d.t.Helper()
	account, err := localaws.Open(filepath.Join(d.dir, "local", "aws"))
	require.NoError(d.t, err)
	d.runner.Account = account
	d.runner.Pipeline = d.one("aws:codepipeline/pipeline:Pipeline", "pipeline", "delivery-pipeline").Properties["name"].(string)
}

// one is an object by type, stack and logical name.
func (d *delivering) one(typ, stack, name string) localaws.Object {
	d.t.Helper()
	objects, err := d.runner.Account.List()
	require.NoError(d.t, err)
	i := slices.IndexFunc(objects, func(o localaws.Object) bool {
		return o.Type == typ && strings.HasPrefix(o.URN, "urn:pulumi:"+stack+"::") && strings.HasSuffix(o.URN, "::"+name)
	})
	require.GreaterOrEqual(d.t, i, 0, "%s %s in %s", typ, name, stack)
	return objects[i]
}

// image is what the web service of a stack runs.
func (d *delivering) image(stack string) string {
	d.t.Helper()
	service := d.one("aws:ecs/service:Service", stack, "web-service")
	objects, err := d.runner.Account.Find(service.Properties["taskDefinition"].(string))
	require.NoError(d.t, err)
	require.Len(d.t, objects, 1)
	return regexp.MustCompile(`[^"]+@sha256:[0-9a-f]{64}`).FindString(objects[0].Properties["containerDefinitions"].(string))
}

// made are the objects of a stack and what they are, to be compared.
func (d *delivering) made(stack string) string {
	d.t.Helper()
	objects, err := d.runner.Account.List()
	require.NoError(d.t, err)
	objects = slices.DeleteFunc(objects, func(o localaws.Object) bool { return !strings.HasPrefix(o.URN, "urn:pulumi:"+stack+"::") })
	text, err := json.Marshal(objects)
	require.NoError(d.t, err)
	return string(text)
}

// release starts an execution for the newest commit, and has all go on as far as they can with this answer to approvals. It
// returns the last one.
func (d *delivering) release(answer pipelinerun.Answer) *pipelinerun.Execution {
	d.t.Helper()
	d.answer = answer
	_, err := d.runner.Start(nil)
	require.NoError(d.t, err)
	return d.goOn()
}

func (d *delivering) goOn() *pipelinerun.Execution {
	d.t.Helper()
	require.NoError(d.t, d.runner.Run(d.t.Context()))
	return d.runner.Find("")
}

// ServeHTTP is what the builds reach: the web address by a proxy, SQS and STS, and what the AWS CLI is asked for.
func (d *delivering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	refuse := func(err error) {
		w.Header().Set("X-Amzn-Errortype", "AccessDenied")
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": "AccessDenied", "message": err.Error()})
	}
	caller := func() string {
		key, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="), "/")
		return key
	}
	switch target := r.Header.Get("X-Amz-Target"); {
	case r.URL.Host != "" && r.URL.Host != r.Context().Value(http.LocalAddrContextKey).(fmt.Stringer).String():
		w.WriteHeader(d.webStatus)
	case target != "":
		var body struct{ QueueUrl, MessageBody string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		address, _ := url.Parse(body.QueueUrl)
		queue := strings.Split(address.Host, ".")
		act := strings.Replace(target, "AmazonSQS.", "sqs:", 1)
		if err := d.runner.May(caller(), act, "arn:aws:sqs:"+queue[1]+":"+strings.ReplaceAll(strings.Trim(address.Path, "/"), "/", ":")); err != nil {
			refuse(err)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if act == "sqs:SendMessage" {
			d.sent = 1
			sum := md5.Sum([]byte(body.MessageBody))
			fmt.Fprintf(w, `{"MessageId": "1", "MD5OfMessageBody": %q}`, hex.EncodeToString(sum[:]))
			return
		}
		fmt.Fprintf(w, `{"Attributes": {"ApproximateNumberOfMessages": "%d", "ApproximateNumberOfMessagesDelayed": "0", "ApproximateNumberOfMessagesNotVisible": "0"}}`, d.sent)
		d.sent = 0 // a worker takes it after it was seen once
	default:
		_ = r.ParseForm()
		if r.URL.Path == "/cli" {
			answer, err := d.cli(r.Form)
			if err != nil {
				refuse(err)
				return
			}
			fmt.Fprint(w, answer)
			return
		}
		role := r.Form.Get("RoleArn")
		if err := d.runner.May(caller(), "sts:AssumeRole", role); err != nil {
			refuse(err)
			return
		}
		fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId>`+
			`<SecretAccessKey>x</SecretAccessKey><SessionToken>y</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, path.Base(role))
	}
}

// cli answers the AWS CLI of a build.
func (d *delivering) cli(form url.Values) (string, error) {
	role := form.Get("role")
	pipeline := "arn:aws:codepipeline:us-east-1:" + localaws.AccountID + ":" + form.Get("pipeline")
	switch command := form.Get("command"); command {
	case "codepipeline start-pipeline-execution":
		if err := d.runner.May(role, "codepipeline:StartPipelineExecution", pipeline); err != nil {
			return "", err
		}
		revision := map[string]string{}
		for pair := range strings.SplitSeq(form.Get("revisions"), ",") {
			key, value, _ := strings.Cut(pair, "=")
			revision[key] = value
		}
		e, err := d.runner.Start(map[string]string{revision["actionName"]: revision["revisionValue"]})
		if err != nil {
			return "", err
		}
		return e.ID, nil
	case "codepipeline stop-pipeline-execution":
		if err := d.runner.May(role, "codepipeline:StopPipelineExecution", pipeline); err != nil {
			return "", err
		}
		return form.Get("execution"), d.runner.Stop(form.Get("execution"))
	case "ecr get-login-password":
		return "password", d.runner.May(role, "ecr:GetAuthorizationToken", "*")
	case "docker push":
		for _, act := range []string{"BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"} {
			if err := d.runner.May(role, "ecr:"+act, "arn:aws:ecr:us-east-1:"+localaws.AccountID+":repository/"+form.Get("last")); err != nil {
				return "", err
			}
		}
		return "", nil
	case "s3 cp":
		return "", d.runner.May(role, "s3:PutObject", "arn:aws:s3:::"+strings.TrimPrefix(form.Get("last"), "s3://"))
	default:
		return "", fmt.Errorf("the AWS CLI of the test does not know %s", command)
	}
}
