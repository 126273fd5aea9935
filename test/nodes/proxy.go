package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// proxies by name; each starts one on an address, before the nodes.
var proxies = map[string]func(dir, address string, nodes []*node) (stop func(), err error){
	"haproxy": haproxy, "nginx": nginx, "own": own,
}

// haproxyConfig is what docs/operations.md shows, on loopback and without TLS.
const haproxyConfig = `defaults
    mode http
    timeout connect 3s
    timeout client 65s
    timeout server 65s
    timeout http-request 10s
    retries 3
    option redispatch
frontend people
    bind %s
    default_backend nodes
backend nodes
    balance leastconn
    option httpchk
    http-check send meth GET uri /readyz hdr Host localhost
    http-check expect status 200
    default-server check inter 200ms fall 1 rise 1
%s`

func haproxy(dir, address string, nodes []*node) (func(), error) {
	var servers strings.Builder
	for i, n := range nodes {
		fmt.Fprintf(&servers, "    server node%d %s\n", i+1, n.listen)
	}
	file := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(file, fmt.Appendf(nil, haproxyConfig, address, servers.String()), 0o600); err != nil {
		return nil, err
	}
	return background(exec.Command("haproxy", "-db", "-q", "-f", file))
}

// nginxConfig has no checks of its own (they are in the paid one): it finds out
// by asking, so no connection is kept and a refused one goes to the next node.
const nginxConfig = `daemon off;
pid %[1]s/nginx.pid;
error_log %[1]s/nginx.log;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path %[1]s/body;
    proxy_temp_path %[1]s/proxy;
    fastcgi_temp_path %[1]s/fastcgi;
    uwsgi_temp_path %[1]s/uwsgi;
    scgi_temp_path %[1]s/scgi;
    upstream nodes {
        least_conn;
%[3]s    }
    server {
        listen %[2]s;
        client_max_body_size 12m;
        location / {
            proxy_pass http://nodes;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_connect_timeout 3s;
            proxy_read_timeout 65s;
            proxy_next_upstream error timeout;
        }
    }
}
`

func nginx(dir, address string, nodes []*node) (func(), error) {
	var servers strings.Builder
	for _, n := range nodes {
		fmt.Fprintf(&servers, "        server %s max_fails=1 fail_timeout=1s;\n", n.listen)
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, nginxConfig, dir, address, servers.String()), 0o600); err != nil {
		return nil, err
	}
	return background(exec.Command("nginx", "-c", file))
}

func background(cmd *exec.Cmd) (func(), error) {
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}, nil
}

// ours is a small proxy: it asks each node on /readyz and gives requests in turn
// to those that are ready.
type ours struct {
	nodes []*node
	ready []atomic.Bool
	turn  atomic.Int64
	to    http.Transport
}

func own(_, address string, nodes []*node) (func(), error) {
	o := &ours{nodes: nodes, ready: make([]atomic.Bool, len(nodes))}
	o.to.MaxIdleConnsPerHost = 300
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go o.watch(done)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", "nodes"
			for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto"} {
				r.Out.Header[name] = r.In.Header[name]
			}
		},
		Transport: o,
	}}
	go func() { _ = server.Serve(l) }()
	return func() { close(done); _ = server.Close() }, nil
}

func (o *ours) watch(done <-chan struct{}) {
	ask := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		for i, n := range o.nodes {
			req, _ := http.NewRequest(http.MethodGet, "http://"+n.listen+"/readyz", nil)
			res, err := ask.Do(req)
			if err == nil {
				_ = res.Body.Close()
			}
			o.ready[i].Store(err == nil && res.StatusCode == http.StatusOK)
		}
		select {
		case <-done:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// RoundTrip gives a request to the next node that is ready.
func (o *ours) RoundTrip(r *http.Request) (*http.Response, error) {
	turn := int(o.turn.Add(1))
	for next := range o.nodes {
		i := (turn + next) % len(o.nodes)
		if o.ready[i].Load() {
			r.URL.Host = o.nodes[i].listen
			return o.to.RoundTrip(r)
		}
	}
	return nil, errors.New("no node is ready")
}
