# The main jobs. Every Pulumi command has a general form: bin/slipway local pulumi <command>.

STACK = staging

# Its directories are sources too: their times change when a file is removed.
slipway_sources := $(shell find cmd internal ! -name '*_test.go' ! -path '*/testdata*') go.mod go.sum

.PHONY: help up preview refresh destroy security cost tables test test-faults ci fuzz bench fmt check-format vet lint app-test pulumi-cli

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  STACK=staging is the default; for another: make up STACK=prod"
	@echo "  Any other Pulumi command: bin/slipway local pulumi <command>"

up: bin/slipway ## Deploy the stack onto the embedded AWS
	bin/slipway local pulumi up -s $(STACK) --yes

preview: bin/slipway ## Show what up would change
	bin/slipway local pulumi preview -s $(STACK)

refresh: bin/slipway ## Bring the state in line with what exists
	bin/slipway local pulumi refresh -s $(STACK) --yes

destroy: bin/slipway ## Delete everything that the stack has made
	bin/slipway local destroy -s $(STACK)

security: bin/slipway ## Check the stack, as it is on the embedded AWS, against security controls
	@bin/slipway local pulumi stack export -s $(STACK) | bin/slipway security $(if $(filter staging,$(STACK)),--ephemeral)

cost: bin/slipway ## Show what the stack, as it is on the embedded AWS, costs a month
	@bin/slipway local pulumi stack export -s $(STACK) | bin/slipway cost

tables: pulumi-cli ## Write the tables in docs/security.md and docs/cost.md, and docs/components, anew
	go test ./internal/reference -run TestTheComponentsPages -update
	go test ./internal/e2e -run TestTheTablesInTheDocuments -update

test: app-test pulumi-cli ## Run all tests: the application's, then those in Go
	.ci/with-docker --if-running go test -timeout 20m ./...

test-faults: pulumi-cli ## Kill pulumi a hundred times, fail every call of every deployment, and look whether all recover: more than an hour
	go test ./internal/e2e -run 'TestKills$$' -kills 108 -timeout 60m -v
	go run ./internal/sweep

ci: check-format vet lint test ## What has to pass before a merge: format, vet, linters, tests

fuzz: ## Run each fuzz test for FUZZTIME (60s), one after the other
	.ci/fuzz

bench: ## Measure preview, up, no-op up and destroy of several sizes
	go run ./internal/bench

fmt: ## Format the Go files
	gofmt -w .

# The end-to-end tests need the Pulumi CLI. Built here, its progress is seen and counts against no test's time.
pulumi-cli: bin/slipway
	@bin/slipway local pulumi version >/dev/null

app-test:
	docker/app/test

check-format:
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then \
		echo "Not formatted; run make fmt:"; echo "$$files"; exit 1; fi

vet:
	go vet ./...

lint: bin/staticcheck bin/actionlint
	bin/staticcheck ./...
	@command -v shellcheck >/dev/null || { echo "shellcheck is missing: apt-get install shellcheck"; exit 1; }
	shellcheck --external-sources .ci/* delivery/* docker/app/test docker/app/tests/find-python docker/app/entrypoint
	bin/actionlint

bin/slipway: $(slipway_sources)
	@echo "Building $@: a few seconds; the first time about 2 minutes and 3.5 GB of memory, for the AWS SDK"
	go build -o $@ ./cmd/slipway

bin/staticcheck: tools/go.mod tools/go.sum
	@echo "Building $@: about half a minute, once"
	cd tools && go build -o ../$@ honnef.co/go/tools/cmd/staticcheck

bin/actionlint: tools/actionlint/go.mod tools/actionlint/go.sum
	@echo "Building $@: some seconds, once"
	cd tools/actionlint && go build -o ../../$@ github.com/rhysd/actionlint/cmd/actionlint
