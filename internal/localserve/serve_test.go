package localserve

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestServe deploys staging, serves it by the real command, uses it, and stops it as a person does. One after the other: the parts are of
// one run.
func TestServe(t *testing.T) {
	t.Parallel()
	p := deployed(t)
	t.Run("what the application reads is what it is given", p.compareVariables)

	s := p.serve("--with", "processes", "--scale", "web=2")
	on := func(part func(t *testing.T, s *served)) func(t *testing.T) {
		return func(t *testing.T) {
			of := *s
			ofProject := *p
			ofProject.t = t
			of.project = &ofProject
			part(t, &of)
		}
	}
	t.Run("the health path answers within the grace period", on(healthPathAnswers))
	t.Run("two web tasks that start at once migrate once", on(migratedOnce))
	t.Run("a to-do that is created over HTTP is in PostgreSQL", on(itemIsInDatabase))
	t.Run("the static files are in the bucket", on(staticFilesAreInBucket))
	t.Run("a task goes through the queue and is done", on(taskIsDone))
	t.Run("a poisoned message, which a command beside it sends, reaches the dead-letter queue", on(poisonIsDead))
	t.Run("SIGTERM during a task loses nothing", on(stopDuringTask))
	t.Run("nothing is left", on(nothingIsLeft))
}

func healthPathAnswers(t *testing.T, s *served) {
	web := s.registered.services[0]
	require.Positive(t, web.grace)
	assert.Equal(t, 2, s.transcript.lines(`slipway: web-[12] is healthy: GET `+web.targets[0].check.Path), "ECS looks at the health after the grace period; no task was stopped")
	assert.NotContains(t, s.transcript.String(), "has stopped")
	s.request(http.MethodGet, web.targets[0].check.Path, "", http.StatusOK)
}

func migratedOnce(t *testing.T, s *served) {
	assert.Equal(t, 1, s.transcript.lines(`(web-1|web-2|workers)/release +\| .*Applying todo\.0001_initial`))
	s.await(`(?s)(No migrations to apply.*){2}`)
	assert.Equal(t, "1", s.query("SELECT count(*) FROM django_migrations WHERE app = 'todo'"))
}

func itemIsInDatabase(t *testing.T, s *served) {
	s.request(http.MethodPost, "/api/items/", `{"title": "from HTTP", "due_on": "2020-01-01"}`, http.StatusCreated)
	assert.Equal(t, "from HTTP|2020-01-01|f", s.query("SELECT title, due_on, overdue FROM todo_item"))
	assert.Equal(t, "dbowner|f", s.query("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user"), "the master user of RDS is no superuser")
}

func staticFilesAreInBucket(t *testing.T, s *served) {
	bucket := text(s.registered.of(bucketType)[0], "bucket")
	stored, err := s.s3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: aws.String("static/todo/style.css")})
	require.NoError(t, err)
	assert.Equal(t, "text/css", *stored.ContentType)

	page := s.request(http.MethodGet, "/", "", http.StatusOK)
	link := regexp.MustCompile(`href="([^"]*style\.css)"`).FindStringSubmatch(page)
	require.NotNil(t, link, page)
	assert.Equal(t, s.running.SiteURL+"/static/todo/style.css", link[1])
	response, err := http.Get(link[1])
	require.NoError(t, err)
	defer response.Body.Close()
	served, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	source, err := os.ReadFile(filepath.Join(s.dir, "docker/app/todo/static/todo/style.css"))
	require.NoError(t, err)
	assert.Equal(t, string(source), string(served))
}

func taskIsDone(t *testing.T, s *served) {
	s.request(http.MethodPost, "/api/items/mark-overdue/", "", http.StatusAccepted)
	s.await(`workers/worker +\| .*marked 1 items as overdue`)
	s.await(`workers/worker +\| .*mark_overdue.* succeeded`)
	assert.Equal(t, "t", s.query("SELECT overdue FROM todo_item"))
}

func poisonIsDead(t *testing.T, s *served) {
	queue, dead := s.queue("queue-queue"), s.queue("queue-dead-letters")
	attributes, err := s.sqs.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &queue, AttributeNames: []sqstypes.QueueAttributeName{"All"}})
	require.NoError(t, err)
	assert.Equal(t, "300", attributes.Attributes["VisibilityTimeout"], "as registered")
	assert.Contains(t, attributes.Attributes["RedrivePolicy"], `"maxReceiveCount": 3`)
	// As registered, the message would come back three times after 300 s.
	s.setVisibilityTimeout(queue, "1")

	// A task with an argument that it does not take.
	out := s.slipway("local", "run", "staging", "--service", "worker", "--env", "GREETING=hello", "--", "python3", "-c",
		"import os; from project import start; start.settings(); from project.celery import app;"+
			"app.send_task('todo.tasks.mark_overdue', ['poison']); print(os.environ['GREETING'])")
	assert.Equal(t, "hello\n", out)
	s.await(`(?s)(raised unexpected.*){3}`)
	received, err := s.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &dead, WaitTimeSeconds: 20, VisibilityTimeout: 0})
	require.NoError(t, err)
	require.Len(t, received.Messages, 1)
	assert.Equal(t, 3, s.transcript.lines(`workers/worker +\| .*raised unexpected.*TypeError`))
	s.setVisibilityTimeout(queue, "300")
}

// setVisibilityTimeout changes it for all that is received from then on. Whoever waits for a message already does so with the former
// one, and so a task goes first.
func (s *served) setVisibilityTimeout(queue, seconds string) {
	s.t.Helper()
	_, err := s.sqs.SetQueueAttributes(s.t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &queue, Attributes: map[string]string{"VisibilityTimeout": seconds}})
	require.NoError(s.t, err)
	done := s.transcript.lines("marked 0 items as overdue")
	s.request(http.MethodPost, "/api/items/mark-overdue/", "", http.StatusAccepted)
	s.await(fmt.Sprintf("(?s)(marked 0 items as overdue.*){%d}", done+1))
}

func stopDuringTask(t *testing.T, s *served) {
	s.request(http.MethodPost, "/api/items/", `{"title": "late, too", "due_on": "2020-01-02"}`, http.StatusCreated)
	// A session that holds up the task, and says when it does.
	session := s.psql(t.Context())
	input, err := session.StdinPipe()
	require.NoError(t, err)
	said := newTranscript()
	session.Stdout, session.Stderr = said, said
	require.NoError(t, session.Start())
	_, err = io.WriteString(input, "BEGIN; LOCK TABLE todo_item IN EXCLUSIVE MODE;\n\\echo the table is locked\n")
	require.NoError(t, err)
	said.await(t, "the table is locked", s.ended)
	s.request(http.MethodPost, "/api/items/mark-overdue/", "", http.StatusAccepted)
	_, err = io.WriteString(input, `DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$;
\echo the task waits
`)
	require.NoError(t, err)
	said.await(t, "the task waits", s.ended)

	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	s.await(`worker: Warm shutdown`)
	assert.Equal(t, 1, s.transcript.lines(`marked 1 items as overdue`), "that was the first one; the second waits")
	require.NoError(t, input.Close())
	require.NoError(t, session.Wait(), said.String())
	<-s.ended
	assert.Equal(t, 0, s.cmd.ProcessState.ExitCode())
	assert.Equal(t, 2, s.transcript.lines(`workers/worker +\| .*marked 1 items as overdue`))
	assert.Equal(t, 2, s.transcript.lines(`workers/worker +\| .*mark_overdue.* succeeded in \S+s: 1"`))
	assert.NotContains(t, s.transcript.String(), "the queue queue-queue", "no message was left in work")
	assert.Contains(t, s.transcript.String(), "the queue queue-dead-letters")
	assert.NotContains(t, s.transcript.String(), "SIGKILL\n")
	assert.NotContains(t, s.transcript.String(), "slipway: killed")
}

func nothingIsLeft(t *testing.T, s *served) {
	processes, err := filepath.Glob("/proc/[0-9]*/cwd")
	require.NoError(t, err)
	for _, link := range processes {
		dir, err := os.Readlink(link)
		assert.False(t, err == nil && strings.HasPrefix(dir, filepath.Join(s.dir, ".local")), "%s is still in %s", link, dir)
	}
	_, err = http.Get(s.running.Endpoints.aws())
	require.Error(t, err)
	_, _, err = openRun(filepath.Join(s.dir, ".local"), "staging")
	require.ErrorContains(t, err, "nothing serves the stack staging")
	left, err := filepath.Glob(filepath.Join(s.dir, ".local/serve/staging/*.json"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// queue is the URL of a queue in moto by its logical name.
func (s *served) queue(name string) string {
	s.t.Helper()
	for _, o := range s.registered.of(queueType) {
		if logicalName(o) == name {
			return replaceAll(o.ID, s.registered.addresses(s.running.Endpoints))
		}
	}
	require.FailNow(s.t, "no such queue", name)
	return ""
}

// What the application reads and the task definitions do not give, and why not.
var notGiven = map[string]string{
	"AWS_ENDPOINT_URL":            "only on a developer's machine",
	"AWS_REGION":                  "ECS itself gives it",
	"ECS_AGENT_URI":               "ECS itself gives it",
	"DATABASE_CONN_MAX_AGE":       "its default lets the database pause",
	"DATABASE_CONNECT_TIMEOUT":    "its default is right for Aurora",
	"DATABASE_SSLROOTCERT":        "only with sslmode verify-full, for which the image has no certificate",
	"DJANGO_ALLOWED_HOSTS":        "PUBLIC_URL says it",
	"DJANGO_CSRF_TRUSTED_ORIGINS": "PUBLIC_URL says it",
	"DJANGO_DEBUG":                "never on AWS",
	"DJANGO_SECURE":               "PUBLIC_URL says it",
	"LOG_LEVEL":                   "for webEnvironment",
	"STATIC_URL":                  "only without a bucket",
	"WEB_CONCURRENCY":             "for webEnvironment",
}

// reads finds where the application reads a variable.
var reads = regexp.MustCompile(`(?:environment\.\w+\(|os\.environ(?:\.get\(|\.setdefault\(|\[))\s*"([A-Z][A-Z0-9_]+)"`)

// readByApplication are the variables that the application's sources read.
func readByApplication(t *testing.T) map[string]bool {
	t.Helper()
	read := map[string]bool{}
	sources, err := filepath.Glob(filepath.Join(repository, "docker/app/*/*.py"))
	require.NoError(t, err)
	more, err := filepath.Glob(filepath.Join(repository, "docker/app/project/*/*.py"))
	require.NoError(t, err)
	for _, path := range append(sources, more...) {
		if strings.Contains(path, "/tests/") {
			continue
		}
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, match := range reads.FindAllStringSubmatch(string(source), -1) {
			read[match[1]] = true
		}
	}
	delete(read, "DJANGO_SETTINGS_MODULE") // Django's own, with its value in the source
	require.Greater(t, len(read), 20, "the sources are read")
	return read
}

// compareVariables compares what the sources of the application read with what the task definitions have.
func (p *project) compareVariables(t *testing.T) {
	read := readByApplication(t)

	given := map[string]bool{}
	r, err := readRegistered(p.objects(), "staging")
	require.NoError(t, err)
	for _, s := range r.services {
		for _, c := range s.definition.containers {
			for _, variable := range c.Environment {
				given[variable.Name] = true
			}
			for _, secret := range c.Secrets {
				given[secret.Name] = true
			}
		}
	}
	for name := range given {
		assert.True(t, read[name], "the task definitions give %s, and the application does not read it", name)
		assert.NotContains(t, notGiven, name, "it is given")
	}
	for name := range read {
		if _, known := notGiven[name]; !known {
			assert.True(t, given[name], "the application reads %s, and no task definition gives it", name)
		}
	}
	for name := range notGiven {
		assert.True(t, read[name], "%s is not read", name)
	}
}
