package testenv

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var someDatabase = Database{
	ClusterArn: "arn:aws:rds:eu-central-1:123456789012:cluster:database-1a2b3c4",
	SecretArn:  "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!cluster-1-AbCdEf",
	Base:       "app",
	Name:       "app_pr_1",
}

// dataAPI answers with the given errors, one after the other, and then that the statement has run. Each answer takes the
// request's body, and the headers that tell whom it is from and for.
type dataAPI struct {
	errors   []string
	requests []map[string]any
	scopes   []string
}

func (a *dataAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var request map[string]any
	_ = json.NewDecoder(r.Body).Decode(&request) // what is no JSON is no request that the test expects
	request["path"] = r.URL.Path
	a.requests = append(a.requests, request)
	a.scopes = append(a.scopes, r.Header.Get("Authorization"))
	w.Header().Set("Content-Type", "application/json")
	if len(a.requests) <= len(a.errors) {
		code := a.errors[len(a.requests)-1]
		w.Header().Set("X-Amzn-ErrorType", code)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"message": "this is ` + code + `"}`))
		return
	}
	_, _ = w.Write([]byte(`{"numberOfRecordsUpdated": 0}`))
}

// Not parallel: credentials are taken from the process's environment.
func TestDropByTheDataAPI(t *testing.T) {
	credentials := filepath.Join(t.TempDir(), "credentials")
	require.NoError(t, os.WriteFile(credentials, []byte("[test]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = x\n"), 0o600))
	for variable, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_REGION": "",
		"AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_CONFIG_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(variable, value)
	}
	for name, c := range map[string]struct {
		errors   []string
		says     string
		attempts int
	}{
		"at once":                    {nil, "", 1},
		"after the cluster's resume": {[]string{"DatabaseResumingException", "DatabaseResumingException", "DatabaseResumingException", "DatabaseResumingException"}, "", 5},
		"not allowed":                {[]string{"AccessDeniedException"}, "this is AccessDeniedException", 1},
		"no Data API":                {[]string{"BadRequestException"}, "this is BadRequestException", 1},
	} {
		t.Run(name, func(t *testing.T) {
			api := &dataAPI{errors: c.errors}
			server := httptest.NewServer(api)
			defer server.Close()
			db := someDatabase
			db.Profile = "test"
			err := (&DataAPI{Endpoint: server.URL, MostBackoff: time.Millisecond}).Drop(t.Context(), db)
			if c.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.says)
			}
			require.Len(t, api.requests, c.attempts)
			assert.Equal(t, map[string]any{
				"path": "/Execute", "resourceArn": db.ClusterArn, "secretArn": db.SecretArn, "database": "app",
				"sql": `DROP DATABASE IF EXISTS "app_pr_1" WITH (FORCE)`, "continueAfterTimeout": true,
			}, api.requests[0], "in no transaction")
			assert.Contains(t, api.scopes[0], "Credential=AKIDPROFILE/", "the profile's credentials")
			assert.Contains(t, api.scopes[0], "/eu-central-1/rds-data/", "the cluster's region")
		})
	}
}

func TestDropOfNoCluster(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, (&DataAPI{}).Drop(t.Context(), Database{ClusterArn: "database-1a2b3c4"}), "arn")
}

func TestTheStatementIsQuoted(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `DROP DATABASE IF EXISTS "a""; DROP DATABASE app; --" WITH (FORCE)`, Database{Name: `a"; DROP DATABASE app; --`}.statement())
	assert.Equal(t, "aws rds-data execute-statement --continue-after-timeout --resource-arn "+someDatabase.ClusterArn+" --secret-arn '"+someDatabase.SecretArn+
		`' --database app --sql 'DROP DATABASE IF EXISTS "app_pr_1" WITH (FORCE)'`, someDatabase.command(), "as a shell takes it: the ARN has an exclamation mark")
}
