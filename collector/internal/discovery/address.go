package discovery

import (
	"bufio"
	"bytes"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
)

// maxNetworkFile bounds what is read of a process's addresses. A node that routes for thousands of pods has some 100 kB.
const maxNetworkFile = 4 << 20

// Address returns the first address of the process's network namespace that others can reach: of a pod, its IP. "" where the
// namespace is the agent's own, or has none.
func (p *Process) Address() string {
	folder := filepath.Dir(p.Root) // /proc/PID
	theirs, err := os.Readlink(filepath.Join(folder, "ns/net"))
	if ours, ourErr := os.Readlink(filepath.Join(filepath.Dir(folder), "self/ns/net")); err != nil || ourErr != nil || theirs == ours {
		return ""
	}
	if address := firstIPv4(readNetwork(filepath.Join(folder, "net/fib_trie"))); address.IsValid() {
		return address.String()
	}
	if address := firstIPv6(readNetwork(filepath.Join(folder, "net/if_inet6"))); address.IsValid() {
		return address.String()
	}
	return ""
}

func readNetwork(file string) []byte {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, maxNetworkFile))
	return text
}

// firstIPv4 returns the first address that is one of the namespace's own, and not of its loopback. In fib_trie it is the line
// before that of its kind:
//
//	|-- 10.244.1.17
//	   /32 host LOCAL
func firstIPv4(fibTrie []byte) netip.Addr {
	var before string
	for lines := bufio.NewScanner(bytes.NewReader(fibTrie)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "/32 host LOCAL" {
			if address, err := netip.ParseAddr(before); err == nil && address.Is4() && address.IsGlobalUnicast() {
				return address
			}
		}
		before = strings.TrimPrefix(line, "|-- ")
	}
	return netip.Addr{}
}

// firstIPv6 returns the first address of global scope. In if_inet6 a line begins with its 32 digits; the fourth field is the
// scope, 00 is global.
func firstIPv6(ifInet6 []byte) netip.Addr {
	for lines := bufio.NewScanner(bytes.NewReader(ifInet6)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || len(fields[0]) != 32 || fields[3] != "00" {
			continue
		}
		var groups []string
		for i := 0; i < 32; i += 4 {
			groups = append(groups, fields[0][i:i+4])
		}
		if address, err := netip.ParseAddr(strings.Join(groups, ":")); err == nil && address.IsGlobalUnicast() {
			return address
		}
	}
	return netip.Addr{}
}
