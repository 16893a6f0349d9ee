package main

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slipway/internal/localaws"
	"strings"
)

// ServeHTTP is what the builds reach: the web address by a proxy, SQS and STS, and what the AWS CLI is asked for.
func (d *delivering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	refuse := func(err error) {
		w.Header().Set("X-Amzn-Errortype", "AccessDenied")
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": "AccessDenied", "message": err.Error()})
	}
	caller := func() string {
		key, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="), "/")
		return key
	}
	switch target := r.Header.Get("X-Amz-Target"); {
	case r.URL.Host != "" && r.URL.Host != r.Context().Value(http.LocalAddrContextKey).(fmt.Stringer).String():
		w.WriteHeader(d.webStatus)
	case target != "":
		var body struct{ QueueUrl, MessageBody string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		address, _ := url.Parse(body.QueueUrl)
		queue := strings.Split(address.Host, ".")
		act := strings.Replace(target, "AmazonSQS.", "sqs:", 1)
		if err := d.runner.May(caller(), act, "arn:aws:sqs:"+queue[1]+":"+strings.ReplaceAll(strings.Trim(address.Path, "/"), "/", ":")); err != nil {
			refuse(err)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if act == "sqs:SendMessage" {
			d.sent = 1
			sum := md5.Sum([]byte(body.MessageBody))
			fmt.Fprintf(w, `{"MessageId": "1", "MD5OfMessageBody": %q}`, hex.EncodeToString(sum[:]))
			return
		}
		fmt.Fprintf(w, `{"Attributes": {"ApproximateNumberOfMessages": "%d", "ApproximateNumberOfMessagesDelayed": "0", "ApproximateNumberOfMessagesNotVisible": "0"}}`, d.sent)
		d.sent = 0 // a worker takes it after it was seen once
	default:
		_ = r.ParseForm()
		if r.URL.Path == "/cli" {
			answer, err := d.cli(r.Form)
			if err != nil {
				refuse(err)
				return
			}
			fmt.Fprint(w, answer)
			return
		}
		role := r.Form.Get("RoleArn")
		if err := d.runner.May(caller(), "sts:AssumeRole", role); err != nil {
			refuse(err)
			return
		}
		fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId>`+
			`<SecretAccessKey>x</SecretAccessKey><SessionToken>y</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, path.Base(role))
	}
}

// cli answers the AWS CLI of a build.
func (d *delivering) cli(form url.Values) (string, error) {
	role := form.Get("role")
	pipeline := "arn:aws:codepipeline:us-east-1:" + localaws.AccountID + ":" + form.Get("pipeline")
	switch command := form.Get("command"); command {
	case "codepipeline start-pipeline-execution":
		if err := d.runner.May(role, "codepipeline:StartPipelineExecution", pipeline); err != nil {
			return "", err
		}
		revision := map[string]string{}
		for pair := range strings.SplitSeq(form.Get("revisions"), ",") {
			key, value, _ := strings.Cut(pair, "=")
			revision[key] = value
		}
		e, err := d.runner.Start(map[string]string{revision["actionName"]: revision["revisionValue"]})
		if err != nil {
			return "", err
		}
		return e.ID, nil
	case "codepipeline stop-pipeline-execution":
		if err := d.runner.May(role, "codepipeline:StopPipelineExecution", pipeline); err != nil {
			return "", err
		}
		return form.Get("execution"), d.runner.Stop(form.Get("execution"))
	case "ecr get-login-password":
		return ecrPassword, d.runner.May(role, "ecr:GetAuthorizationToken", "*")
	case "docker push":
		for _, act := range []string{"BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"} {
			if err := d.runner.May(role, "ecr:"+act, "arn:aws:ecr:us-east-1:"+localaws.AccountID+":repository/"+form.Get("last")); err != nil {
				return "", err
			}
		}
		return "", nil
	case "s3 cp":
		return "", d.runner.May(role, "s3:PutObject", "arn:aws:s3:::"+strings.TrimPrefix(form.Get("last"), "s3://"))
	default:
		return "", fmt.Errorf("the AWS CLI of the test does not know %s", command)
	}
}
