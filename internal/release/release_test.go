package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/internal/localaws"
)

const repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/app"

func digest(i int) string { return "sha256:" + strings.Repeat(fmt.Sprint(i), 64) }

// place has a pulumi that notes what it is asked for.
type place struct {
	dir   string
	image string // the output
	fails error  // what an update ends with
	calls []string
}

func (p *place) Pulumi(_ context.Context, _ io.Writer, args ...string) error {
	p.calls = append(p.calls, strings.Join(args, " "))
	return p.fails
}

func (p *place) Output(_ context.Context, _ io.Writer, args ...string) ([]byte, error) {
	if args[0] == "stack" {
		return fmt.Appendf(nil, `{"image": %q, "databasePort": 5432}`, p.image), nil
	}
	p.calls = append(p.calls, strings.Join(args, " "))
	return nil, nil
}

func (p *place) SourceFiles(stack string) ([]string, error) {
	return []string{filepath.Join(p.dir, "Pulumi."+stack+".yaml")}, nil
}
func (p *place) EnvironmentFiles(name string) ([]string, error) { return p.SourceFiles(name) }
func (p *place) Account() (*localaws.Account, error)            { return nil, nil }

// images are those of a day each.
type images struct {
	asked   Repository
	profile string
	list    []Image
}

func (i *images) List(_ context.Context, repository Repository, profile string) ([]Image, error) {
	i.asked, i.profile = repository, profile
	return i.list, nil
}

func pushed(days ...int) []Image {
	var list []Image
	for _, day := range days {
		list = append(list, Image{Digest: digest(day), Tags: []string{fmt.Sprintf("tag-%d", day)}, Pushed: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC)})
	}
	return list
}

func releases(t *testing.T, configuration string, p *place, list []Image) (*Releases, *images, *bytes.Buffer) {
	t.Helper()
	p.dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, "Pulumi.prod.yaml"), []byte(configuration), 0o644))
	found, said := &images{list: list}, &bytes.Buffer{}
	return &Releases{Place: p, Images: found, Project: "shop", Yes: true, Stderr: said}, found, said
}

func TestList(t *testing.T) {
	t.Parallel()
	r, found, _ := releases(t, "config: {'aws:profile': work}", &place{image: repository + "@" + digest(2)}, pushed(1, 3, 2))
	list, err := r.List(t.Context(), "prod")
	require.NoError(t, err)
	assert.Equal(t, Repository{Account: "123456789012", Region: "eu-central-1", Name: "shop/app"}, found.asked)
	assert.Equal(t, "work", found.profile)
	var text bytes.Buffer
	require.NoError(t, Write(&text, list))
	assert.Equal(t, "RUNS  PUSHED                TAGS   DIGEST\n"+
		"      2026-01-03T00:00:00Z  tag-3  "+digest(3)+"\n"+
		"*     2026-01-02T00:00:00Z  tag-2  "+digest(2)+"\n"+
		"      2026-01-01T00:00:00Z  tag-1  "+digest(1)+"\n", text.String())
	text.Reset()
	require.NoError(t, WriteJSON(&text, list[1:2]))
	assert.JSONEq(t, `[{"digest": "`+digest(2)+`", "tags": ["tag-2"], "pushed": "2026-01-02T00:00:00Z", "runs": true}]`, text.String())

	for image, want := range map[string]string{"": "has no output image; deploy it first", "nginx@" + digest(1): "which is not in ECR"} {
		r, _, _ := releases(t, "", &place{image: image}, nil)
		_, err := r.List(t.Context(), "prod")
		require.ErrorContains(t, err, want)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	set := func(day int) string { return "config set image " + repository + "@" + digest(day) + " -s prod" }
	for _, test := range []struct {
		name, to      string
		configuration string
		running       int
		fails         bool
		calls         []string
		want          string // of the error
	}{
		{name: "to the one before", running: 3, calls: []string{set(2), "up -s prod --yes"}},
		{name: "by tag", to: "tag-1", running: 3, calls: []string{set(1), "up -s prod --yes"}},
		{name: "by digest, forward", to: digest(3), running: 1, calls: []string{set(3), "up -s prod --yes"}},
		{name: "by reference", to: repository + "@" + digest(1), running: 3, calls: []string{set(1), "up -s prod --yes"}},
		{name: "what runs", to: "tag-3", running: 3},
		{name: "gone", to: digest(9), running: 3, want: "prod was not changed: the repository has no image " + digest(9)},
		{name: "nothing before", running: 1, want: "no image from before the one that runs, tag-1 (sha256:111111111111)"},
		{name: "what runs is gone", running: 8, want: "no longer has the image that runs, so which one was before it is not known"},
		{name: "a failed update", running: 3, fails: true, calls: []string{set(2), "up -s prod --yes", "config rm image -s prod"}, want: "broken"},
		{name: "a failed update of a stack with an image", configuration: "config: {'shop:image': before}", running: 3, fails: true,
			calls: []string{set(2), "up -s prod --yes", "config set image before -s prod"}, want: "broken"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &place{image: repository + "@" + digest(test.running)}
			if test.fails {
				p.fails = errors.New("broken")
			}
			r, _, said := releases(t, test.configuration, p, pushed(2, 1, 3))
			err := r.Rollback(t.Context(), "prod", test.to)
			if test.want == "" {
				require.NoError(t, err)
				assert.Contains(t, said.String(), "prod runs ")
			} else {
				require.ErrorContains(t, err, test.want)
			}
			assert.Equal(t, test.calls, p.calls)
		})
	}
	r, _, _ := releases(t, "", &place{image: repository + "@" + digest(3)}, pushed(2, 3))
	r.Yes = false
	require.NoError(t, r.Rollback(t.Context(), "prod", ""))
	assert.Equal(t, "up -s prod", r.Place.(*place).calls[1], "pulumi asks")
}

func TestECR(t *testing.T) {
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
		t.Setenv(name, value)
	}
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, string(body))
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if len(asked) == 1 {
			_, _ = fmt.Fprintf(w, `{"imageDetails": [{"imageDigest": %q, "imageTags": ["a", "b"], "imagePushedAt": 1767225600}], "nextToken": "more"}`, digest(1))
			return
		}
		_, _ = fmt.Fprintf(w, `{"imageDetails": [{"imageDigest": %q, "imageTags": ["c"], "imagePushedAt": 1767312000}]}`, digest(2))
	}))
	defer server.Close()
	list, err := (&ECR{Endpoint: server.URL}).List(t.Context(), Repository{"123456789012", "eu-central-1", "shop/app"}, "")
	require.NoError(t, err)
	require.Len(t, asked, 2)
	assert.JSONEq(t, `{"registryId": "123456789012", "repositoryName": "shop/app", "filter": {"tagStatus": "TAGGED"}}`, asked[0])
	require.Len(t, list, 2)
	assert.Equal(t, []string{"a", "b"}, list[0].Tags)
	assert.Equal(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), list[0].Pushed.UTC())
	assert.Equal(t, digest(2), list[1].Digest)
}
