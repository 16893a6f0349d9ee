package localserve

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postgres is a PostgreSQL that plays the stack's database cluster. It keeps its data from run to run. Passwords are checked and
// TLS is forced, as on Aurora; the certificate is its own.
type postgres struct {
	home *home
	bin  string   // where its programs are
	user *account // PostgreSQL refuses to run as root
	*process
}

// cluster is what RDS makes of a cluster: a user that is no superuser, and a database of it.
type cluster struct{ id, user, password, database string }

// findPostgres finds the newest PostgreSQL that is installed where Debian has them, or else the one on PATH.
func findPostgres() (bin string, err error) {
	candidates, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.SortFunc(candidates, func(a, b string) int { return version(a) - version(b) })
	if path, err := exec.LookPath("initdb"); err == nil {
		candidates = append([]string{filepath.Dir(path)}, candidates...)
	}
	for _, bin := range slices.Backward(candidates) {
		if _, err := os.Stat(filepath.Join(bin, "initdb")); err == nil {
			return bin, nil
		}
	}
	return "", errors.New("PostgreSQL's server is not installed; on Debian: apt-get install postgresql")
}

func version(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

// postgresUser is who PostgreSQL runs as when this is root.
func postgresUser() (*account, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	found, err := user.Lookup("postgres")
	if err != nil {
		return nil, errors.New("as root, PostgreSQL needs the user postgres, which Debian's package postgresql makes")
	}
	uid, errUid := strconv.ParseUint(found.Uid, 10, 32)
	gid, errGid := strconv.ParseUint(found.Gid, 10, 32)
	return &account{uint32(uid), uint32(gid), "postgres"}, errors.Join(errUid, errGid)
}

// startPostgres starts it on a free port of the host. The users of the clusters have their passwords from then on.
func startPostgres(ctx context.Context, h *home, host string, clusters []cluster) (pg *postgres, port int, err error) {
	pg = &postgres{home: h}
	if pg.bin, err = findPostgres(); err != nil {
		return nil, 0, err
	}
	if pg.user, err = postgresUser(); err != nil {
		return nil, 0, err
	}
	if err := pg.prepare(ctx, host, clusters); err != nil {
		return nil, 0, err
	}
	// A port that nobody has may be somebody's a moment later: then another is tried.
	for range 5 {
		if port, err = freePort(host); err != nil {
			return nil, 0, err
		}
		if err = pg.serve(ctx, host, port); err == nil || ctx.Err() != nil {
			break
		}
	}
	return pg, port, err
}

func (pg *postgres) dir(name string) string { return filepath.Join(pg.home.path("postgres"), name) }

// prepare makes the directory of the data unless it is there, and the certificate and the users anew.
func (pg *postgres) prepare(ctx context.Context, host string, clusters []cluster) error {
	if err := os.MkdirAll(pg.dir(""), 0o700); err != nil {
		return err
	}
	if err := pg.user.own(pg.dir("")); err != nil {
		return err
	}
	if _, err := os.Stat(pg.dir("data")); err != nil {
		if err := pg.initialise(ctx); err != nil {
			return err
		}
	}
	if err := errors.Join(pg.sameVersion(), pg.forgetFormer()); err != nil {
		return err
	}
	if err := pg.writeCertificate(host); err != nil {
		return err
	}
	for _, c := range clusters {
		if err := pg.makeUser(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// initialise makes the directory of the data, all of it or none.
func (pg *postgres) initialise(ctx context.Context) error {
	unfinished := pg.dir("data.new")
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	// Nobody logs in as the superuser: it is used by --single alone.
	out, err := pg.command(ctx, "initdb", "--pgdata", unfinished, "--username", "slipway", "--auth", "scram-sha-256",
		"--auth-local", "reject", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, bytes.TrimSpace(out))
	}
	return os.Rename(unfinished, pg.dir("data"))
}

func (pg *postgres) sameVersion() error {
	data, err := os.ReadFile(pg.dir("data/PG_VERSION"))
	if err != nil {
		return err
	}
	out, err := pg.command(context.Background(), "postgres", "--version").Output() // postgres (PostgreSQL) 15.14 (Debian ...)
	if err != nil {
		return fmt.Errorf("postgres --version: %w", err)
	}
	fields := append(strings.Fields(string(out)), "", "", "")
	if made, runs := strings.TrimSpace(string(data)), strings.Split(fields[2], ".")[0]; made != runs {
		return fmt.Errorf("the database in %s is of PostgreSQL %s, and %s is installed; --fresh begins anew", pg.dir("data"), made, runs)
	}
	return nil
}

// forgetFormer waits for the end of a server that was killed. PostgreSQL takes whatever has its number now for that server.
func (pg *postgres) forgetFormer() error {
	data, err := os.ReadFile(pg.dir("data/postmaster.pid"))
	if err != nil {
		return nil
	}
	number, _, _ := strings.Cut(string(data), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil {
		return nil
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	switch {
	case err != nil:
		return nil
	case strings.TrimSpace(string(name)) != "postgres":
		return removeIfThere(pg.dir("data/postmaster.pid"))
	case !awaitEnd(pid):
		return fmt.Errorf("a PostgreSQL, process %d, still has the data in %s; end it", pid, pg.dir("data"))
	}
	return nil
}

// makeUser makes the user and the database unless they are there, and gives the user its password. The server does not run yet, so
// there is no moment at which somebody else could.
func (pg *postgres) makeUser(ctx context.Context, c cluster) error {
	sql := fmt.Sprintf(`DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = %s) THEN CREATE ROLE %s LOGIN CREATEDB CREATEROLE; END IF; END $$`,
		literal(c.user), identifier(c.user)) +
		fmt.Sprintf("\nALTER ROLE %s PASSWORD %s\n", identifier(c.user), literal(c.password))
	if err := pg.single(ctx, sql); err != nil {
		return err
	}
	err := pg.single(ctx, fmt.Sprintf("CREATE DATABASE %s OWNER %s\n", identifier(c.database), identifier(c.user)))
	if err != nil && !strings.Contains(err.Error(), "already exists") {
		return err
	}
	return nil
}

// single runs statements, one a line, without a server.
func (pg *postgres) single(ctx context.Context, sql string) error {
	cmd := pg.command(ctx, "postgres", "--single", "-D", pg.dir("data"), "-c", "exit_on_error=true", "-c", "log_min_error_statement=panic",
		"-c", "synchronous_commit=off", "postgres")
	cmd.Stdin = strings.NewReader(sql)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(string(out)) {
		if _, reason, ok := strings.Cut(line, "FATAL:"); ok {
			return fmt.Errorf("PostgreSQL: %s", strings.TrimSpace(reason))
		}
	}
	return fmt.Errorf("PostgreSQL: %w\n%s", err, bytes.TrimSpace(out))
}

// serve starts the server and waits until it takes connections.
func (pg *postgres) serve(ctx context.Context, host string, port int) error {
	network := "127.0.0.1/32"
	if host != loopback {
		network = "0.0.0.0/0" // it listens on the Docker network's address alone
	}
	if err := pg.write("pg_hba.conf", fmt.Sprintf("hostssl all all %s scram-sha-256\n", network)); err != nil {
		return err
	}
	cmd := pg.command(context.Background(), "postgres", "-D", pg.dir("data"),
		"-c", "listen_addresses="+host, "-c", fmt.Sprintf("port=%d", port), "-c", "unix_socket_directories=",
		"-c", "hba_file="+pg.dir("pg_hba.conf"), "-c", "ssl=on", "-c", "ssl_cert_file="+pg.dir("server.crt"), "-c", "ssl_key_file="+pg.dir("server.key"),
		// A crash of the machine may lose the last moments, and nothing more.
		"-c", "synchronous_commit=off",
		"-c", "logging_collector=off", "-c", "log_destination=stderr", "-c", "lc_messages=C")
	log, err := newStartLog(pg.home.path("postgres.log"), "database system is ready to accept connections")
	if err != nil {
		return err
	}
	if pg.process, err = pg.home.startProcess(cmd, log); err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	if _, err = log.wait(ctx, pg.process, "PostgreSQL"); err != nil {
		pg.kill()
		<-pg.done
	}
	return err
}

// stop ends it as systemd and RDS do: sessions are ended, what is committed is written.
func (pg *postgres) stop() { stopProcess(pg.process, syscall.SIGINT, 20*time.Second) }

// command is one of PostgreSQL's programs. It has nothing of our environment but where programs are.
func (pg *postgres) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(pg.bin, name), args...)
	cmd.Dir = pg.dir("")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: pg.user.credential()}
	return cmd
}

func (pg *postgres) write(name, content string) error {
	path := pg.dir(name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return err
	}
	return pg.user.own(path)
}

// writeCertificate makes a certificate for the host that no authority has signed, as sslmode=require takes one.
func (pg *postgres) writeCertificate(host string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: host},
		IPAddresses:  []net.IP{net.ParseIP(host)},
		DNSNames:     []string{"localhost"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	encodedKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		pg.write("server.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))),
		pg.write("server.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encodedKey}))),
	)
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
