package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCloudFrontsThingsAreInUsEast1 deploys to another region: the engine runs two providers, and each makes what is its own.
func TestCloudFrontsThingsAreInUsEast1(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.set("prod", map[string]any{"aws:region": "eu-central-1", "slipway:ephemeral": true, "slipway:staticDomain": "static.example.com"})
	p.up("prod")
	assert.Equal(t, "https://static.example.com", p.outputs("prod")["staticUrl"])

	there := map[string]int{}
	for _, o := range p.account() {
		if !strings.HasPrefix(short(o.URN), "aws:") {
			continue // what the builder of images pushes is in the registry that it was given
		}
		if o.Region != "us-east-1" {
			assert.Equal(t, "eu-central-1", o.Region, o.URN)
			continue
		}
		there[short(o.URN)]++
	}
	assert.Equal(t, map[string]int{
		"aws:acm/certificate:Certificate site-certificate":                            1,
		"aws:acm/certificateValidation:CertificateValidation site-certificate-issued": 1,
		"aws:cloudwatch/logDeliverySource:LogDeliverySource site-logs":                1,
		"aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination site-logs":      1,
		"aws:cloudwatch/logDelivery:LogDelivery site-logs":                            1,
	}, there, "and nothing else: the load balancer's certificate is beside it")
	p.must("preview", "-s", "prod", "--expect-no-changes", "--refresh")
	p.must("destroy", "-s", "prod", "--yes")
	assert.Empty(t, p.objects())
}

// TestAFolderIsUploaded changes one file of several: that one is uploaded, and nothing else happens.
func TestAFolderIsUploaded(t *testing.T) {
	t.Parallel()
	p := staging(t)
	write := func(name, content string) {
		path := filepath.Join(p.dir, "frontend", name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	const object = "aws:s3/bucketObjectv2:BucketObjectv2 site-file-"
	write("index.html", "one")
	write("app.0a1b2c3d.js", "one")
	p.set("staging", map[string]any{"slipway:staticFolder": "frontend"})
	assert.ElementsMatch(t, []string{"create " + object + "index.html", "create " + object + "app.0a1b2c3d.js"}, p.up("staging"))
	p.must("preview", "-s", "staging", "--expect-no-changes")

	write("index.html", "two")
	assert.Equal(t, []string{"update " + object + "index.html"}, p.up("staging"))

	write("app.4e5f6a7b.js", "two")
	require.NoError(t, os.Remove(filepath.Join(p.dir, "frontend", "app.0a1b2c3d.js")))
	assert.ElementsMatch(t, []string{"create " + object + "app.4e5f6a7b.js", "delete " + object + "app.0a1b2c3d.js"}, p.up("staging"))
	p.must("destroy", "-s", "staging", "--yes")
	assert.Empty(t, p.objects(), "the bucket goes with its files")
}

// TestTheApplicationServesItsFilesWithoutASite turns the site off: it goes, and the service is told.
func TestTheApplicationServesItsFilesWithoutASite(t *testing.T) {
	t.Parallel()
	p := staging(t)
	p.set("staging", map[string]any{"slipway:staticSite": false})
	steps := p.up("staging")
	assert.Subset(t, steps, []string{newTask, newService, "delete aws:cloudfront/distribution:Distribution site-distribution", "delete aws:iam/rolePolicy:RolePolicy site-write-web"})
	assert.NotContains(t, p.outputs("staging"), "staticUrl")
	p.must("preview", "-s", "staging", "--expect-no-changes")
}
