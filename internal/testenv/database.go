package testenv

import (
	"context"
	"fmt"
	"slipway/internal/sharing"
	"strings"
)

// Databases drops databases of Aurora clusters.
type Databases interface {
	// Drop drops a database. It is no error when there is none.
	Drop(ctx context.Context, db Database) error
}

// Database is the database of a shared environment, in the cluster of another stack.
type Database struct {
	// ClusterArn is the cluster's, SecretArn that of its master user's secret.
	ClusterArn, SecretArn string
	// Base is the name of the cluster's first database, which the drop connects to.
	Base string
	// Name is the name of the database itself.
	Name string
	// Profile is the AWS profile of the environment's configuration; "" for the environment's credentials.
	Profile string
}

func (d Database) statement() string {
	return `DROP DATABASE IF EXISTS "` + strings.ReplaceAll(d.Name, `"`, `""`) + `" WITH (FORCE)`
}

// command is what does the same by hand.
func (d Database) command() string {
	return fmt.Sprintf("aws rds-data execute-statement --continue-after-timeout --resource-arn %s --secret-arn '%s' --database %s --sql '%s'",
		d.ClusterArn, d.SecretArn, d.Base, d.statement())
}

// dropDatabase drops the database of a shared environment, which its release command has made: Pulumi does not know it.
func (e *Environments) dropDatabase(ctx context.Context, name string, found *existing, profile string) error {
	if e.Databases == nil {
		e.say("no database runs on the embedded AWS, so none is dropped")
		return nil
	}
	db, err := e.sharedDatabase(ctx, name, found)
	if err != nil {
		return fmt.Errorf("the database of %s was not dropped; the stack is kept, so that you can run this again: %w", name, err)
	}
	if db.ClusterArn == "" {
		e.say("%s has no database cluster any more, so the database of %s is gone with it", found.from, name)
		return nil
	}
	db.Profile = profile
	if err := e.Databases.Drop(ctx, db); err != nil {
		return fmt.Errorf("the database %s of %s was not dropped; the stack is kept, so that you can run this again: %w\nBy hand: %s", db.Name, name, err, db.command())
	}
	e.say("dropped the database %s", db.Name)
	return nil
}

// sharedDatabase is the database that the environment has in the cluster of the stack that it shares; without a cluster
// when that stack is gone.
func (e *Environments) sharedDatabase(ctx context.Context, name string, found *existing) (Database, error) {
	if !has(found.others, found.from) {
		return Database{}, nil
	}
	var outputs map[string]any
	if err := e.pulumi().Query(ctx, &outputs, "stack", "output", "--json", "-s", found.from); err != nil || outputs[sharing.Output] == nil {
		return Database{}, err
	}
	base, err := sharing.Parse(outputs[sharing.Output], found.from)
	if err != nil {
		return Database{}, err
	}
	own, err := base.DatabaseName(name)
	return Database{ClusterArn: base.Database.ClusterArn, SecretArn: base.Database.SecretArn, Base: base.Database.Name, Name: own}, err
}
