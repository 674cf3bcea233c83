package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Target is a process to probe: a host and a port, and nothing else of a URL.
type Target struct {
	// Host is a name in lower case, "" where Address is valid.
	Host    string
	Address netip.Addr
	Port    uint16
}

// ParseTarget reads host:port, where host is a name, an IPv4 address or an IPv6 address in brackets.
func ParseTarget(text string) (Target, error) {
	if strings.Contains(text, "://") {
		return Target{}, fmt.Errorf("target %q is a URL: give host:port, scheme and path belong to the module", text)
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return Target{}, fmt.Errorf("target %q is not host:port, such as app:6060 or [fd00::1]:6060", text)
	}
	number, err := parsePort(port)
	if err != nil {
		return Target{}, fmt.Errorf("target %q: %w", text, err)
	}
	if address, err := netip.ParseAddr(host); err == nil {
		return Target{Address: address.Unmap(), Port: number}, nil
	}
	if !isHostname(host, "") {
		return Target{}, fmt.Errorf("target %q: %q is neither an IP address nor a host name", text, host)
	}
	return Target{Host: strings.ToLower(host), Port: number}, nil
}

func (t Target) String() string {
	host := t.Host
	if t.Address.IsValid() {
		host = t.Address.String()
	}
	return net.JoinHostPort(host, strconv.Itoa(int(t.Port)))
}

// isLocalhost tells whether the name has to mean this host (RFC 6761).
func (t Target) isLocalhost() bool {
	host := strings.TrimSuffix(t.Host, ".")
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func parsePort(text string) (uint16, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("port %q is not a number from 1 to 65535", text)
	}
	return uint16(port), nil
}

// isHostname tells whether text consists of what names in DNS and in container networks have, and of the characters of
// also. 253 characters are what DNS allows.
func isHostname(text, also string) bool {
	if text == "" || len(text) > 253 {
		return false
	}
	for _, c := range text {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("-_.", c) && !strings.ContainsRune(also, c) {
			return false
		}
	}
	return true
}

// TargetPattern is an entry of a module's allow-list.
type TargetPattern struct {
	network netip.Prefix // valid in a pattern for addresses
	host    string       // else a name in lower case, in which * is any text
	port    uint16       // 0 is any
}

// ParseTargetPattern reads one of
//
//	app.example.com:6060   a name, and * in it is any text, dots included
//	10.0.0.0/8:6060        addresses, [fd00::/8]:6060 for IPv6; a single one without /
//	app:*   10.0.0.0/8:*   any port
//	10.0.0.0/8             the same
func ParseTargetPattern(text string) (TargetPattern, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil && strings.Contains(text, "/") {
		network, err := parseNetwork(text)
		return TargetPattern{network: network}, err
	}
	if err != nil {
		return TargetPattern{}, fmt.Errorf("%q is neither host:port (host:* for any port) nor a network such as 10.0.0.0/8", text)
	}
	p := TargetPattern{}
	if port != "*" {
		if p.port, err = parsePort(port); err != nil {
			return TargetPattern{}, fmt.Errorf("%q: %w, nor *", text, err)
		}
	}
	if strings.ContainsAny(host, ":/") || net.ParseIP(host) != nil {
		if p.network, err = parseNetwork(host); err != nil {
			return TargetPattern{}, fmt.Errorf("%q: %w", text, err)
		}
		return p, nil
	}
	if !isHostname(host, "*") {
		return TargetPattern{}, fmt.Errorf("%q: %q is neither a host name (* is any text) nor a network", text, host)
	}
	p.host = strings.TrimSuffix(strings.ToLower(host), ".")
	return p, nil
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (p *TargetPattern) UnmarshalYAML(node *yaml.Node) error {
	return unmarshalScalar(node, "a target", ParseTargetPattern, p)
}

// matches tells whether the target's name or address and its port are the pattern's. Names that mean this host have
// to be written out, so that "*:6060" does not open the exporter's own neighbours on the loopback interface.
func (p TargetPattern) matches(t Target) bool {
	if p.port != 0 && p.port != t.Port {
		return false
	}
	if p.network.IsValid() {
		return p.network.Contains(t.Address)
	}
	if t.Address.IsValid() || strings.Contains(p.host, "*") && t.isLocalhost() {
		return false
	}
	// A pattern has no character that is special to path.Match but *, and a name has no slash at which * would end.
	matched, err := path.Match(p.host, strings.TrimSuffix(t.Host, "."))
	return err == nil && matched
}

// Network is a range of IP addresses.
type Network netip.Prefix

// UnmarshalYAML implements yaml.Unmarshaler.
func (n *Network) UnmarshalYAML(node *yaml.Node) error {
	parse := func(text string) (Network, error) {
		network, err := parseNetwork(text)
		return Network(network), err
	}
	return unmarshalScalar(node, "a network", parse, n)
}

// parseNetwork reads 10.0.0.0/8, or one address.
func parseNetwork(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		address, err := netip.ParseAddr(text)
		if err != nil || address.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q is not an IP address", text)
		}
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a network such as 10.0.0.0/8 or fd00::/8", text)
	}
	if masked := network.Masked(); masked != network {
		return netip.Prefix{}, fmt.Errorf("%q has bits set behind its prefix: write %s", text, masked)
	}
	return network, nil
}

func unmarshalScalar[T any](node *yaml.Node, what string, parse func(string) (T, error), to *T) error {
	if node.Kind != yaml.ScalarNode {
		return atLine(node.Line, fmt.Errorf("%s has to be a text", what))
	}
	value, err := parse(node.Value)
	if err != nil {
		return atLine(node.Line, err)
	}
	*to = value
	return nil
}

// lineError is an error whose place in the file is known.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

func atLine(line int, err error) error {
	var placed *lineError
	if errors.As(err, &placed) {
		return err
	}
	return &lineError{line, err}
}
