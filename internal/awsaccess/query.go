package awsaccess

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
)

// Query makes one call of AWS's query protocol, and has read read the answer's XML. It is for EC2, whose package of the SDK takes longer to
// compile than all others together.
func Query(ctx context.Context, cfg aws.Config, service, version, action string, read func([]byte) error) error {
	answer, err := query(ctx, cfg, service, url.Values{"Action": {action}, "Version": {version}}.Encode())
	if err == nil {
		err = read(answer)
	}
	if err != nil {
		return &smithy.OperationError{ServiceID: strings.ToUpper(service), OperationName: action, Err: err}
	}
	return nil
}

func query(ctx context.Context, cfg aws.Config, service, body string) ([]byte, error) {
	endpoint := fmt.Sprintf("https://%s.%s.amazonaws.com", service, cfg.Region)
	if strings.HasPrefix(cfg.Region, "cn-") {
		endpoint += ".cn"
	}
	if cfg.BaseEndpoint != nil {
		endpoint = *cfg.BaseEndpoint
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	credentials, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("get credentials: %w", err)
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), service, cfg.Region, time.Now()); err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode == http.StatusOK {
		return text, err
	}
	var refused struct {
		Code    string `xml:"Errors>Error>Code"`
		Message string `xml:"Errors>Error>Message"`
	}
	if err := xml.Unmarshal(text, &refused); err != nil || refused.Code == "" {
		return nil, fmt.Errorf("HTTP status %d", response.StatusCode)
	}
	return nil, &smithy.GenericAPIError{Code: refused.Code, Message: refused.Message}
}
