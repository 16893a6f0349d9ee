package awsaccess

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	var answer struct {
		Items []string `xml:"vpcSet>item>vpcId"`
	}
	ask := func(status int, text string) error {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			assert.Equal(t, "Action=DescribeVpcs&Version=2016-11-15", string(body))
			assert.Contains(t, r.Header.Get("Authorization"), "/eu-central-1/ec2/aws4_request")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}))
		defer server.Close()
		cfg := aws.Config{Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
		return Query(t.Context(), cfg, "ec2", "2016-11-15", "DescribeVpcs", func(text []byte) error { return xml.Unmarshal(text, &answer) })
	}
	require.NoError(t, ask(200, `<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId></item><item><vpcId>vpc-2</vpcId></item></vpcSet></DescribeVpcsResponse>`))
	assert.Equal(t, []string{"vpc-1", "vpc-2"}, answer.Items)

	err := Explain(ask(403, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized.</Message></Error></Errors></Response>`))
	require.EqualError(t, err, "EC2 DescribeVpcs: the AWS credentials may not do this; take others, or have the action allowed (UnauthorizedOperation: You are not authorized)")
	assert.Equal(t, err, Explain(err), "once is enough")
	assert.True(t, HasCode(err, "UnauthorizedOperation"))
	require.ErrorContains(t, Explain(ask(502, "<html>")), "EC2 DescribeVpcs")
}
