package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// knownHost admits the loopback names and the public address: a name that an
// attacker points at us passes every cross-origin check (threats T24).
func (s *Server) knownHost(host string) bool {
	name, _, ok := splitHost(host)
	return ok && (loopbackName(name) || s.PublicURL != nil && strings.EqualFold(name, s.PublicURL.Hostname()))
}

func loopbackName(name string) bool {
	return strings.EqualFold(name, "localhost") || name == "127.0.0.1" || name == "::1"
}

// splitHost takes a Host apart and refuses what is not plainly a name or an
// address with or without a port.
func splitHost(host string) (name, port string, ok bool) {
	if strings.HasPrefix(host, "[") {
		name, port, ok = strings.Cut(host[1:], "]")
		if a, err := netip.ParseAddr(name); !ok || err != nil || !a.Is6() {
			return "", "", false
		}
		if port != "" && !strings.HasPrefix(port, ":") {
			return "", "", false
		}
		port = strings.TrimPrefix(port, ":")
	} else {
		name, port, _ = strings.Cut(host, ":")
	}
	if len(port) > 5 || strings.Trim(port, "0123456789") != "" {
		return "", "", false
	}
	return name, port, name != ""
}

// plain finds a request that others on the way can read: http from beyond this
// computer, or http at the public address when that is an https one (a proxy in
// front that is not trusted).
func (s *Server) plain(r *http.Request, x *exchange) bool {
	if x.secure {
		return false
	}
	if !loopback(s.clientAddr(r)) || forwarded(r) {
		return true
	}
	name, _, _ := splitHost(r.Host)
	return s.PublicURL != nil && s.PublicURL.Scheme == "https" && !loopbackName(name)
}

// forwarded finds a request from beyond that a proxy on this computer hands on
// without being trusted: the connection is local, the caller is not.
func forwarded(r *http.Request) bool {
	for _, line := range r.Header["X-Forwarded-For"] {
		for entry := range strings.SplitSeq(line, ",") {
			if a, ok := hop(strings.TrimSpace(entry)); ok && !loopback(a) {
				return true
			}
		}
	}
	return false
}

// clientAddr is the address of the caller: of the connection, or what the last
// trusted proxy says of it.
func (s *Server) clientAddr(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	if !s.trusted(peer.Addr()) {
		return peer.Addr()
	}
	// Some proxies add a line of their own instead of lengthening the caller's.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		addr, ok := hop(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		if !s.trusted(addr) {
			return addr
		}
	}
	return peer.Addr()
}

// hop reads one entry of X-Forwarded-For; some proxies write the port too.
func hop(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return a, true
	}
	a, err := netip.ParseAddrPort(s)
	return a.Addr(), err == nil
}

func (s *Server) trusted(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range s.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// secure says that the caller came over https, to us or to a trusted proxy. The
// last value is the proxy's own; the ones before may be the caller's.
func (s *Server) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	lines := r.Header["X-Forwarded-Proto"]
	if len(lines) == 0 {
		return false
	}
	last := lines[len(lines)-1]
	last = strings.TrimSpace(last[strings.LastIndex(last, ",")+1:])
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && s.trusted(peer.Addr()) && strings.EqualFold(last, "https")
}

func loopback(a netip.Addr) bool { return a.Unmap().IsLoopback() }

// asksAtAddress finds a browser page asked for at 127.0.0.1: passkeys work on
// localhost alone. Health and API answer at both.
func asksAtAddress(r *http.Request, api bool) bool {
	name, _, _ := splitHost(r.Host)
	return !api && reading(r) && (name == "127.0.0.1" || name == "::1") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// atLocalhost is the same page at localhost.
func atLocalhost(r *http.Request, x *exchange) string {
	scheme, host := "http", "localhost"
	if x.secure {
		scheme = "https"
	}
	if _, port, _ := splitHost(r.Host); port != "" {
		host = net.JoinHostPort(host, port)
	}
	return scheme + "://" + host + localURI(r)
}

// network is what one subscriber holds: an IPv4 address or an IPv6 /64.
func network(addr netip.Addr) string {
	addr = addr.Unmap()
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}

// LocalPath returns target when it is a path of this site, else fallback.
func LocalPath(target, fallback string) string {
	u, err := url.Parse(target)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(target, "/") ||
		strings.HasPrefix(target, "//") || strings.ContainsAny(target, "\\\r\n\t") {
		return fallback
	}
	return target
}
