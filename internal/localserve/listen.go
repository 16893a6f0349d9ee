package localserve

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"
)

// defaultPort is the web address's where nobody asks for another one.
const defaultPort = 8000

// listeners are what listens on localhost.
type listeners struct {
	balancers map[string]*balancer
	servers   []*http.Server
}

func (l *listeners) close() {
	for _, s := range l.servers {
		s.Close()
	}
}

func (l *listeners) serve(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	l.servers = append(l.servers, server)
	go server.Serve(listener) //nolint:errcheck // it ends by Close alone
}

// listen opens the addresses on localhost. From then on containers can be told of them.
func (r *run) listen() (*listeners, error) {
	l := &listeners{balancers: map[string]*balancer{}}
	wanted := r.Port
	for _, s := range r.services {
		if len(s.targets) == 0 {
			continue
		}
		listener, err := listenOn(wanted, defaultPort)
		if err != nil {
			l.close()
			return nil, err
		}
		port := listener.Addr().(*net.TCPAddr).Port
		if r.endpoints.Web == 0 {
			r.endpoints.Web, wanted = port, 0
		} else {
			r.console.say("%s at %s", s.name, localURL(port))
		}
		l.balancers[s.name] = newBalancer(s.targets[0].check, r.console.say)
		l.serve(listener, l.balancers[s.name])
	}
	for _, o := range r.of(distributionType) {
		s := r.newSite(o, r.moto.awsClients)
		if s == nil || r.endpoints.Site != 0 {
			continue
		}
		listener, err := listenOn(0, r.endpoints.Web+1)
		if err != nil {
			l.close()
			return nil, err
		}
		r.endpoints.Site = listener.Addr().(*net.TCPAddr).Port
		l.serve(listener, s)
	}
	return l, nil
}

// listenOn takes the port that is asked for; or else the usual one, or any.
func listenOn(wanted, usual int) (net.Listener, error) {
	if wanted != 0 {
		listener, err := net.Listen("tcp", fmt.Sprintf("%s:%d", loopback, wanted))
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("port %d is in use; give another one with --port, or none for one that is free", wanted)
		}
		return listener, err
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("%s:%d", loopback, usual))
	if err != nil {
		return net.Listen("tcp", loopback+":0")
	}
	return listener, nil
}
