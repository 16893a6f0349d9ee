package localserve

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// endpoints are what stands on this machine in the place of AWS, as containers reach it.
type endpoints struct {
	// Host is where PostgreSQL and moto listen: loopback, or the gateway of the Docker network.
	Host string
	// Database is PostgreSQL's port, AWS moto's.
	Database, AWS int
	// Web is the load balancer's port on localhost, Site the static site's; 0 for none.
	Web, Site int
}

func (e endpoints) aws() string { return fmt.Sprintf("http://%s:%d", e.Host, e.AWS) }

// replacement is a text that stands for another one in the values of variables.
type replacement struct{ from, to string }

// addresses says which local address stands for which one of AWS. This is the one place that changes what is in a task
// definition's environment:
//
//	the cluster's endpoint            127.0.0.1; with a port behind it, that of the local PostgreSQL
//	NAME_PORT beside NAME_HOST        the local PostgreSQL's, where NAME_HOST is the cluster's endpoint
//	https://sqs.REGION.amazonaws.com  http://127.0.0.1:<moto>; the rest of a queue's URL stays
//	https://BUCKET.s3...amazonaws.com http://127.0.0.1:<moto>/BUCKET; the bucket's name stays
//	http(s)://<load balancer>         http://localhost:<web>, also for its domain; without a scheme, localhost
//	http(s)://<distribution>          http://localhost:<site>, also for its domain; without a scheme, localhost:<site>
//
// In the place of 127.0.0.1, containers of Docker have the address of this machine in their network.
func (r *registered) addresses(e endpoints) []replacement {
	var list []replacement
	add := func(from, to string) {
		if from != "" {
			list = append(list, replacement{from, to})
		}
	}
	for _, o := range r.objects {
		switch o.Type {
		case clusterType:
			for _, endpoint := range []string{text(o, "endpoint"), text(o, "readerEndpoint")} {
				if endpoint != "" {
					add(fmt.Sprintf("%s:%d", endpoint, integer(o.Properties["port"])), fmt.Sprintf("%s:%d", e.Host, e.Database))
					add(endpoint, e.Host)
				}
			}
		case queueType:
			add(queueHost(o.ID), e.aws())
		case bucketType:
			add("https://"+text(o, "bucketRegionalDomainName"), e.aws()+"/"+text(o, "bucket"))
			add("https://"+text(o, "bucketDomainName"), e.aws()+"/"+text(o, "bucket"))
		}
	}
	if e.Web != 0 {
		for _, host := range r.webHosts() {
			add("https://"+host, fmt.Sprintf("http://localhost:%d", e.Web))
			add("http://"+host, fmt.Sprintf("http://localhost:%d", e.Web))
			add(host, "localhost")
		}
	}
	if e.Site != 0 {
		for _, host := range r.siteHosts() {
			add("https://"+host, fmt.Sprintf("http://localhost:%d", e.Site))
			add("http://"+host, fmt.Sprintf("http://localhost:%d", e.Site))
			add(host, fmt.Sprintf("localhost:%d", e.Site))
		}
	}
	// What contains another one comes first.
	slices.SortStableFunc(list, func(a, b replacement) int { return len(b.from) - len(a.from) })
	return slices.Compact(list)
}

// queueHost is the beginning of a queue's URL.
func queueHost(url string) string {
	parts := strings.SplitN(url, "/", 4)
	if len(parts) < 4 {
		return ""
	}
	return strings.Join(parts[:3], "/")
}

// webHosts are the names by which users reach the services of the stack: those of its load balancer, of the records that lead
// there, and those that a listener of another stack forwards to it.
func (r *registered) webHosts() (hosts []string) {
	for _, o := range r.of(loadBalancerType) {
		hosts = append(hosts, text(o, "dnsName"))
	}
	hosts = append(hosts, r.recordsOf(hosts)...)
	for _, o := range r.of(listenerRuleType) {
		var conditions []struct {
			HostHeader *struct{ Values []string }
		}
		if reread(o.Properties["conditions"], &conditions) != nil {
			continue
		}
		for _, c := range conditions {
			if c.HostHeader != nil {
				hosts = append(hosts, c.HostHeader.Values...)
			}
		}
	}
	return hosts
}

// siteHosts are the names of the stack's distributions.
func (r *registered) siteHosts() (hosts []string) {
	for _, o := range r.of(distributionType) {
		hosts = append(hosts, text(o, "domainName"))
		var aliases []string
		if reread(o.Properties["aliases"], &aliases) == nil {
			hosts = append(hosts, aliases...)
		}
	}
	return hosts
}

// recordsOf are the names in Route 53 that lead to one of the hosts.
func (r *registered) recordsOf(hosts []string) (names []string) {
	for _, o := range r.of(recordType) {
		var aliases []struct{ Name string }
		if reread(o.Properties["aliases"], &aliases) != nil {
			continue
		}
		for _, alias := range aliases {
			name := text(o, "name")
			if slices.Contains(hosts, alias.Name) && !slices.Contains(names, name) && !strings.HasPrefix(name, "*") {
				names = append(names, name)
			}
		}
	}
	return names
}

// translate replaces the addresses of AWS in the values of an environment.
func translate(environment map[string]string, list []replacement, e endpoints) map[string]string {
	translated := map[string]string{}
	for name, value := range environment {
		translated[name] = replaceAll(value, list)
	}
	for name, value := range environment {
		port := strings.TrimSuffix(name, "HOST") + "PORT"
		if _, given := environment[port]; given && strings.HasSuffix(name, "HOST") && translated[name] == e.Host && value != e.Host {
			translated[port] = strconv.Itoa(e.Database)
		}
	}
	return translated
}

// replaceAll replaces each text where it stands, and nothing in what it has put there.
func replaceAll(value string, list []replacement) string {
	var pairs []string
	for _, r := range list {
		pairs = append(pairs, r.from, r.to)
	}
	return strings.NewReplacer(pairs...).Replace(value)
}

// freePort is a port of that address that nobody listens on.
func freePort(host string) (int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
