package fetch

import (
	"net/netip"
	"slices"
)

// The special-purpose registries of IANA (RFC 6890 and its successors), as far
// as they are not meant to be reached by the public.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32", // Azure answers its machines here, in a public range
	"2001::/23",        // Teredo and other protocols
	"2001:db8::/32", "2002::/16", "3fff::/20",
)

// publicSix is all of IPv6 that is given out; what lies outside it (mapped,
// NAT64, unique local, link-local, multicast) is somebody's inside.
var publicSix = netip.MustParsePrefix("2000::/3")

// nat64 carries an IPv4 address in its last 32 bits (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// metadata services hand out keys of the machine. A network in Allow does not
// open them; only their own address does.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("fd00:ec2::254"),
	netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("168.63.129.16"), netip.MustParseAddr("192.0.0.192"),
}

func prefixes(all ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(all))
	for i, s := range all {
		list[i] = netip.MustParsePrefix(s)
	}
	return list
}

// mayDial says whether an address may be called.
func (c *Client) mayDial(a netip.Addr) bool {
	a = plain(a)
	return c.inAllow(a) || public(a)
}

// plain is an address without the two disguises that the system takes off by
// itself: the IPv6 form of an IPv4 address, and the zone.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// inAllow says whether the operator opened the network of an address.
func (c *Client) inAllow(a netip.Addr) bool {
	a = plain(a)
	open := slices.ContainsFunc(c.allow, func(p netip.Prefix) bool {
		return p.Contains(a) && (p.IsSingleIP() || !slices.Contains(metadata, a))
	})
	if open && nat64.Contains(a) {
		return c.mayDial(inside(a))
	}
	return open
}

// inside is the IPv4 address that a NAT64 address carries.
func inside(a netip.Addr) netip.Addr {
	b := a.As16()
	return netip.AddrFrom4([4]byte(b[12:]))
}

func public(a netip.Addr) bool {
	if !a.IsValid() || a.Is6() && !publicSix.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}
