package localserve

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"

	"slipway/internal/localaws"
)

// site is a distribution of CloudFront on localhost: the files of its bucket.
type site struct {
	bucket string
	root   string         // what is at /
	errors map[int]string // pages that are answered, with 200, instead of an error
	aws    *awsClients
}

// newSite reads a distribution; nil for one that has no bucket of the stack.
func (r *registered) newSite(distribution localaws.Object, clients *awsClients) *site {
	var origins []struct{ DomainName string }
	if reread(distribution.Properties["origins"], &origins) != nil {
		return nil
	}
	for _, origin := range origins {
		bucket := r.find(bucketType, "bucketRegionalDomainName", origin.DomainName)
		if bucket == nil {
			continue
		}
		s := &site{bucket: text(*bucket, "bucket"), root: text(distribution, "defaultRootObject"), errors: map[int]string{}, aws: clients}
		var pages []struct {
			ErrorCode        int
			ResponseCode     int
			ResponsePagePath string
		}
		if reread(distribution.Properties["customErrorResponses"], &pages) == nil {
			for _, page := range pages {
				if page.ResponseCode == http.StatusOK {
					s.errors[page.ErrorCode] = page.ResponsePagePath
				}
			}
		}
		return s
	}
	return nil
}

// ServeHTTP implements http.Handler.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "405 Method Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	key := strings.TrimPrefix(r.URL.Path, "/")
	if key == "" {
		key = s.root
	}
	err := s.send(r.Context(), w, r, key)
	// S3 tells CloudFront 403 where somebody who may list the bucket would be told 404.
	for _, code := range []int{http.StatusForbidden, http.StatusNotFound} {
		if page := s.errors[code]; page != "" && errors.Is(err, os.ErrNotExist) {
			err = s.send(r.Context(), w, r, strings.TrimPrefix(page, "/"))
		}
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		http.Error(w, "403 Forbidden: the bucket has no file "+key, http.StatusForbidden)
	case err != nil:
		http.Error(w, "502 Bad Gateway: "+err.Error(), http.StatusBadGateway)
	}
}

// send answers with a file. Nothing is written when it cannot be read.
func (s *site) send(ctx context.Context, w http.ResponseWriter, r *http.Request, key string) error {
	if key == "" {
		return os.ErrNotExist
	}
	body, header, err := s.aws.file(ctx, s.bucket, key)
	if err != nil {
		return err
	}
	defer body.Close()
	for name, values := range header {
		w.Header()[name] = values
	}
	// Fonts and scripts of another origin, which the web service's is.
	w.Header().Set("Access-Control-Allow-Origin", "*")
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = io.Copy(w, body)
	return nil
}
