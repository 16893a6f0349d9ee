package components_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/components"
)

// folderOf writes empty files and returns their folder.
func folderOf(t *testing.T, names ...string) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range names {
		path := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(name), 0o644))
	}
	return folder
}

func TestFilesGetTypesAndCacheHeaders(t *testing.T) {
	t.Parallel()
	const forever, ask = "public, max-age=31536000, immutable", "public, max-age=0, must-revalidate"
	want := map[string][2]string{
		"index.html":                   {"text/html; charset=utf-8", ask},
		"about/INDEX.HTML":             {"text/html; charset=utf-8", ask},
		"app.55e7cbb9ba48.js":          {"text/javascript; charset=utf-8", forever},
		"css/site.0a1b2c3d.css":        {"text/css; charset=utf-8", forever},
		"css/site.css":                 {"text/css; charset=utf-8", ask},
		"assets/index-BsX1fj2k.mjs":    {"text/javascript; charset=utf-8", forever}, // the folder is said to be immutable
		"report.20240131.pdf":          {"application/pdf", ask},                    // a date is no hash
		"font.deadbeef.woff2":          {"font/woff2", ask},                         // nor is a word
		"logo.svg":                     {"image/svg+xml", ask},
		"data.unknown":                 {"application/octet-stream", ask},
		"README":                       {"application/octet-stream", ask},
		".well-known/security.txt":     {"text/plain; charset=utf-8", ask},
		"with space/naïve file.json":   {"application/json", ask},
		"static.0a1b2c3d/index.html":   {"text/html; charset=utf-8", ask}, // the folder's name says nothing about the file
		"module.wasm":                  {"application/wasm", ask},
		"deep/er/app.0123456789ab.map": {"application/json", forever},
	}
	names := []string{".env", ".git/config", "css/.DS_Store"} // must not be published
	for name := range want {
		names = append(names, name)
	}
	folder := folderOf(t, names...)
	r, err := runSite("us-east-1", &components.StaticSiteArgs{Folder: folder, Immutable: []string{"assets/"}}, nil)
	require.NoError(t, err)
	got := map[string][2]string{}
	for _, object := range r.all(siteObject) {
		key := object.Inputs["key"].StringValue()
		got[key] = [2]string{object.Inputs["contentType"].StringValue(), object.Inputs["cacheControl"].StringValue()}
		assert.Equal(t, "site-file-"+key, object.Name)
		assert.Equal(t, filepath.Join(folder, filepath.FromSlash(key)), object.Inputs["source"].AssetValue().Path)
	}
	assert.Equal(t, want, got)
}

func TestPagesComeAfterWhatTheyLoad(t *testing.T) {
	t.Parallel()
	r, err := runSite("us-east-1", &components.StaticSiteArgs{Folder: folderOf(t, "a.html", "z.0a1b2c3d.js")}, nil)
	require.NoError(t, err)
	page, script := r.find(t, siteObject, "site-file-a.html"), r.find(t, siteObject, "site-file-z.0a1b2c3d.js")
	assert.Contains(t, strings.Join(page.RegisterRPC.GetDependencies(), "\n"), "::site-file-z.0a1b2c3d.js")
	assert.NotContains(t, strings.Join(script.RegisterRPC.GetDependencies(), "\n"), "site-file", "files do not wait for each other otherwise")
}

func TestFoldersThatCannotBeUploaded(t *testing.T) {
	t.Parallel()
	onlyHidden, link := folderOf(t, ".env"), folderOf(t, "index.html")
	require.NoError(t, os.Symlink("/etc/hostname", filepath.Join(link, "link.txt")))
	for folder, says := range map[string]string{onlyHidden: "has none but hidden ones", link: "link.txt is no regular file"} {
		_, err := runSite("us-east-1", &components.StaticSiteArgs{Folder: folder}, nil)
		require.ErrorContains(t, err, says)
	}
}

func TestTheFolderAndUploadsDoNotMeet(t *testing.T) {
	t.Parallel()
	grant := func(ctx *pulumi.Context, site *components.StaticSite) error {
		role, err := iam.NewRole(ctx, "web-task", &iam.RoleArgs{AssumeRolePolicy: pulumi.String("{}")})
		if err != nil {
			return err
		}
		_, err = site.GrantWrite(ctx, "web", role)
		return err
	}
	folder := folderOf(t, "static/app.js")
	_, err := runSite("us-east-1", &components.StaticSiteArgs{Folder: folder}, nil, grant)
	require.ErrorContains(t, err, "the folder's static/app.js is under static/, which the role may write")
	_, err = runSite("us-east-1", &components.StaticSiteArgs{Folder: folder, UploadPrefix: "uploads/"}, nil, grant)
	require.NoError(t, err)
}
