package registry

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	server "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serve starts a registry and returns the name of a repository in it.
func serve(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(server.New(server.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://") + "/app"
}

// push pushes an image that was built on a day of January, and returns it by its digest.
func push(t *testing.T, repository, tag string, day int) string {
	t.Helper()
	image, err := random.Image(64, 1)
	require.NoError(t, err)
	image, err = mutate.CreatedAt(image, v1.Time{Time: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	reference, err := name.NewTag(repository + ":" + tag)
	require.NoError(t, err)
	require.NoError(t, remote.Write(reference, image))
	digest, err := image.Digest()
	require.NoError(t, err)
	return repository + "@" + digest.String()
}

func TestDigest(t *testing.T) {
	t.Parallel()
	repository := serve(t)
	missing, err := Digest(t.Context(), repository+":none")
	require.NoError(t, err, "nothing was ever pushed")
	assert.Empty(t, missing)

	pushed := push(t, repository, "one", 1)
	found, err := Digest(t.Context(), repository+":one")
	require.NoError(t, err)
	assert.Equal(t, pushed, found)
	missing, err = Digest(t.Context(), repository+":two")
	require.NoError(t, err)
	assert.Empty(t, missing)

	_, err = Digest(t.Context(), repository)
	assert.ErrorContains(t, err, "is not REPOSITORY:TAG")
}

func TestTagKeepsTheDigestAndMovesNoTag(t *testing.T) {
	t.Parallel()
	repository := serve(t)
	first, second := push(t, repository, "one", 1), push(t, repository, "two", 2)
	tagged, err := Tag(t.Context(), repository+":one", "release")
	require.NoError(t, err)
	assert.Equal(t, first, tagged)
	tagged, err = Tag(t.Context(), second, "release")
	require.NoError(t, err)
	assert.Equal(t, first, tagged, "it stays where it is")
	found, err := Digest(t.Context(), repository+":release")
	require.NoError(t, err)
	assert.Equal(t, first, found)

	for _, wrong := range [][2]string{{"a b", "x"}, {first, "a b"}, {repository + ":none", "x"}} {
		_, err = Tag(t.Context(), wrong[0], wrong[1])
		assert.Error(t, err, wrong)
	}
}

func TestLatest(t *testing.T) {
	t.Parallel()
	repository := serve(t)
	all := func(string) bool { return true }
	none, err := Latest(t.Context(), repository, all)
	require.NoError(t, err)
	assert.Empty(t, none)
	push(t, repository, "c", 2)
	push(t, repository, "b", 3)
	push(t, repository, "a", 1)
	latest, err := Latest(t.Context(), repository, all)
	require.NoError(t, err)
	assert.Equal(t, repository+":b", latest)
	latest, err = Latest(t.Context(), repository, func(tag string) bool { return tag != "b" })
	require.NoError(t, err)
	assert.Equal(t, repository+":c", latest)
}

// What is not an answer about the image must not be taken for "there is none": it would be built and pushed again.
func TestAFailingRegistryIsAnError(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(s.Close)
		repository := strings.TrimPrefix(s.URL, "http://") + "/app"
		_, err := Digest(t.Context(), repository+":a")
		require.Error(t, err)
		_, err = Latest(t.Context(), repository, func(string) bool { return true })
		require.Error(t, err)
	}
}
