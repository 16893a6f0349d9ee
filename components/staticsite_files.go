package components

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"slipway/internal/limits"
)

const (
	// keptForever is for names that never get another content; a year is the longest that HTTP caches take (RFC 9111 sets no limit,
	// CloudFront's managed policy does).
	keptForever = "public, max-age=31536000, immutable"
	// askedEveryTime has caches keep a copy and ask whether it is still good, which is a short answer without the file.
	askedEveryTime = "public, max-age=0, must-revalidate"
)

// siteFile is a file of the folder, as it is uploaded.
type siteFile struct {
	key, path   string // slash-separated key in the bucket, and the file's path
	contentType string
	immutable   bool
}

// siteFiles lists the files of a folder in the order of their keys. Its error completes "takes ...".
func siteFiles(folder string, immutable []string) (files []siteFile, err error) {
	info, err := os.Stat(folder)
	if err != nil || !info.IsDir() {
		return nil, errors.New("a folder that exists, relative to the project; build the site first if a build makes it")
	}
	err = filepath.WalkDir(folder, func(at string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := at != folder && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".well-known"
		switch {
		case hidden && entry.IsDir():
			return fs.SkipDir
		case hidden || entry.IsDir():
			return nil
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s is no regular file", at)
		}
		relative, err := filepath.Rel(folder, at)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(relative)
		if err := limits.ObjectKey(key); err != nil {
			return fmt.Errorf("the name of %s: S3 takes %w", at, err)
		}
		files = append(files, siteFile{key: key, path: at, contentType: contentType(key), immutable: isImmutable(key, immutable)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("a folder of regular files that can be read; %w", err)
	}
	if len(files) == 0 {
		return nil, errors.New("a folder with files in it; this one has none but hidden ones")
	}
	return files, nil
}

// contentHash is a hexadecimal hash between two dots, as in app.55e7cbb9ba48.js.
var contentHash = regexp.MustCompile(`\.([0-9a-f]{8,64})\.`)

// isImmutable tells whether a name says which content the file has. A hash has letters and digits: a date such as
// 20240131 is none. A wrong yes would keep an old content for a year, so it has to be sure.
func isImmutable(key string, prefixes []string) bool {
	if slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
		return true
	}
	hash := contentHash.FindStringSubmatch(path.Base(key))
	return hash != nil && strings.ContainsAny(hash[1], "abcdef") && strings.ContainsAny(hash[1], "0123456789")
}

func (f siteFile) cacheControl() string {
	if f.immutable {
		return keptForever
	}
	return askedEveryTime
}

// uploadFiles makes an object of every file, the immutable ones first: a page must not be there before what it loads.
func (s *StaticSite) uploadFiles(ctx *pulumi.Context, name string, args staticSiteSettings) error {
	var loaded []pulumi.Resource
	for _, immutable := range []bool{true, false} {
		first := pulumi.DependsOn(slices.Clone(loaded))
		for _, file := range args.files {
			if file.immutable != immutable {
				continue
			}
			object, err := s3.NewBucketObjectv2(ctx, name+"-file-"+file.key, &s3.BucketObjectv2Args{
				Bucket:       s.Bucket.ID(),
				Key:          pulumi.String(file.key),
				Source:       pulumi.NewFileAsset(file.path),
				ContentType:  pulumi.String(file.contentType),
				CacheControl: pulumi.String(file.cacheControl()),
				Tags:         s.tags,
			}, pulumi.Parent(s), first)
			if err != nil {
				return err
			}
			s.Files = append(s.Files, object)
			loaded = append(loaded, object)
			if strings.HasPrefix(file.key, args.UploadPrefix) {
				s.uploadsClash = file.key
			}
		}
	}
	return nil
}
