package probe

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/stackpressure/goroutines/collector/internal/config"
)

// port is that of a target at 127.0.0.1.
func port(target string) string {
	_, port, _ := net.SplitHostPort(target)
	return port
}

// resolve makes names resolve by a DNS server of the test's own: answer returns the IPv4 address of a name.
func resolve(t *testing.T, answer func(name string) (address string, ok bool)) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		packet := make([]byte, 512)
		for {
			n, client, err := server.ReadFrom(packet)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(packet[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			question := m.Questions[0]
			m.Response, m.Additionals = true, nil
			address, ok := answer(strings.TrimSuffix(question.Name.String(), "."))
			if !ok {
				m.RCode = dnsmessage.RCodeNameError
			} else if question.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET},
					Body:   &dnsmessage.AResource{A: [4]byte(net.ParseIP(address).To4())},
				}}
			}
			reply, err := m.Pack()
			if err == nil {
				_, _ = server.WriteTo(reply, client)
			}
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		server.Close()
		<-done
	})
}

func TestANameThatResolvesToAForbiddenAddressIsNotProbed(t *testing.T) {
	var requests atomic.Int64
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		ownProfile(w, r)
	})
	resolve(t, func(name string) (string, bool) {
		address, ok := map[string]string{
			"app.example.com":      "127.0.0.1",
			"metadata.example.com": "169.254.169.254",
			"any.example.com":      "0.0.0.0",
		}[name]
		return address, ok
	})
	e := startExporter(t, "modules: {default: {targets: ['*.example.com:*', '*:*']}}")
	e.failsWith(addressNotAllowed, "app.example.com:"+port(target), "resolves to 127.0.0.1, which is not in the module's networks")
	e.failsWith(addressNotAllowed, "metadata.example.com:80", "resolves to 169.254.169.254")
	e.failsWith(addressNotAllowed, "any.example.com:"+port(target), "resolves to 0.0.0.0")
	e.failsWith(dns, "nowhere.example.com:80", "does not resolve")
	if status, body, _ := e.probe(context.Background(), "localhost:"+port(target)); status != http.StatusForbidden {
		t.Errorf("a wildcard allowed localhost: HTTP %d %s", status, body)
	}
	if requests.Load() != 0 {
		t.Errorf("the forbidden address got %d requests", requests.Load())
	}

	e.apply("modules: {default: {targets: ['*.example.com:*'], networks: [127.0.0.1]}}")
	e.succeeds("app.example.com:" + port(target))
	e.succeeds("APP.example.com.:" + port(target))
}

func TestANameIsCheckedAgainEachTimeThatItResolves(t *testing.T) {
	target := serve(t, ownProfile)
	other := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the name was followed to another address") })
	if port(target) == port(other) {
		t.Fatal("two servers on one port")
	}
	var rebound atomic.Bool
	resolve(t, func(string) (string, bool) {
		if rebound.Load() {
			return "127.0.0.2", true
		}
		return "127.0.0.1", true
	})
	e := startExporter(t, "modules: {default: {targets: ['app.example.com:*'], networks: [127.0.0.1/32]}}",
		func(o *Options) { o.CacheLifetime = 0 })
	e.succeeds("app.example.com:" + port(target))
	rebound.Store(true)
	e.failsWith(addressNotAllowed, "app.example.com:"+port(target), "resolves to 127.0.0.2")
}

func TestARedirectIsNotFollowedAndToldWithoutItsSecrets(t *testing.T) {
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
	e := startExporter(t, "modules: {default: {http_client_config: {follow_redirects: true, basic_auth: {username: me, password: hunter2}}}}")
	for _, c := range []struct{ location, says string }{
		{"http://" + elsewhere + "/login?token=hunter3", "redirects to http://" + elsewhere + "/login (HTTP 302)"},
		{"http://me:hunter2@" + elsewhere + "/", "redirects to http://" + elsewhere + "/ (HTTP 302)"},
		{"/elsewhere", "redirects to /elsewhere (HTTP 302)"},
		{"", "redirects to an unreadable place (HTTP 302)"},
	} {
		target := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/debug/pprof/goroutine" {
				t.Error("the redirect was followed on the same host")
			}
			w.Header().Set("Location", c.location)
			w.WriteHeader(http.StatusFound)
		})
		e.failsWith(redirect, target, c.says)
	}
	if strings.Contains(e.logged.String(), "hunter") {
		t.Errorf("a secret is in the log:\n%s", e.logged)
	}
}

func TestCredentialsGoToTheModulesTargetsAndNowhereElse(t *testing.T) {
	protected := func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "hunter2" {
			// As some servers do, and as an attacker's would: the answer repeats what was sent.
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, r.Header)
			return
		}
		ownProfile(w, r)
	}
	target, stranger := serve(t, protected), serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("another target got credentials")
		}
		protected(w, r)
	})
	repeating := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header) })
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := startExporter(t, fmt.Sprintf(`
modules:
  default: {targets: ["127.0.0.1:*"]}
  secured:
    targets: [%q, %q]
    http_client_config: {basic_auth: {username: me, password_file: %s}}
  wrong:
    targets: [%[1]q]
    http_client_config: {authorization: {credentials: hunter4}}
  unreadable:
    targets: [%[1]q]
    http_client_config: {authorization: {credentials_file: /does/not/exist}}
`, target, repeating, password))
	e.failsWith(unauthorized, target, "HTTP 401")
	e.failsWith(unauthorized, target, "http_client_config of module", "query", "module=wrong")
	e.failsWith(credentials, target, "/does/not/exist", "query", "module=unreadable")
	e.failsWith(notAProfile, repeating, "not with a goroutine profile", "query", "module=secured")
	answers := e.succeeds(target, "query", "module=secured")
	answers += e.mustProbe(target, "query", "module=secured&debug=true")
	answers += e.mustProbe(repeating, "query", "module=secured&debug=true")
	e.failsWith(unauthorized, stranger, "HTTP 401")
	status, body, _ := e.probe(context.Background(), stranger, "query", "module=secured")
	if status != http.StatusForbidden {
		t.Errorf("the module's credentials can be had for any target: HTTP %d %s", status, body)
	}
	for where, text := range map[string]string{"log": e.logged.String(), "an answer": answers} {
		if strings.Contains(text, "hunter") || strings.Contains(text, "aHVudGVy") || strings.Contains(text, "bWU6aHVudGVyM") {
			t.Errorf("a secret is in %s:\n%s", where, text)
		}
	}
}

func TestTokensOfOAuth2(t *testing.T) {
	var answer atomic.Value
	answer.Store("refuse")
	ended := make(chan struct{})
	end := sync.OnceFunc(func() { close(ended) })
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		switch answer.Load() {
		case "refuse":
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, r.Form, r.Header)
		case "hang":
			<-ended
		default:
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token": "hunter5", "token_type": "bearer"}`)
		}
	}))
	defer tokens.Close()
	defer end()
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer hunter5" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		ownProfile(w, r)
	})
	e := startExporter(t, fmt.Sprintf(
		"modules: {default: {http_client_config: {oauth2: {client_id: me, client_secret: hunter2, token_url: %s}}}}", tokens.URL))
	e.failsWith(credentials, target, "refused a token")

	// The token is asked for without the probe's deadline, which holds nevertheless.
	answer.Store("hang")
	e.failsWith(timedOut, target, "within 200ms", "X-Prometheus-Scrape-Timeout-Seconds", "0.4")
	answer.Store("grant")
	end()
	e.succeeds(target)
	if text := e.logged.String(); strings.Contains(text, "hunter") || strings.Contains(text, "aHVudGVy") {
		t.Errorf("a secret is in the log:\n%s", text)
	}
}

func TestOnlyAllowedTargetsAreDialed(t *testing.T) {
	m, err := newModule("default", config.Loopback().Modules["default"])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.dial(context.Background(), "tcp", "10.1.2.3:80"); err == nil || !strings.Contains(err.Error(), "not an allowed target") {
		t.Errorf("dialed a target that is not allowed: %v", err)
	}
}

func TestTargetsWithTLS(t *testing.T) {
	server := startTLS(t, tls.NoClientCert)
	target := strings.TrimPrefix(server.URL, "https://")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	e := startExporter(t, fmt.Sprintf(`
modules:
  default: {}
  strangers: {scheme: https}
  trusted: {scheme: https, http_client_config: {tls_config: {ca_file: %s}}}
`, ca), func(o *Options) { o.CacheLifetime = 0 })
	e.succeeds(target, "query", "module=trusted")
	e.failsWith(tlsHandshake, target, "check scheme and tls_config", "query", "module=strangers")
	e.failsWith(httpStatus, target, "when scheme is http")
	e.failsWith(connection, serve(t, ownProfile), "scheme in the module", "query", "module=strangers")

	// httptest's servers all have the same certificate.
	strict := strings.TrimPrefix(startTLS(t, tls.RequireAnyClientCert).URL, "https://")
	e.failsWith(tlsHandshake, strict, "check scheme and tls_config", "query", "module=trusted")
}

// startTLS serves the profile of the test's own process by HTTPS.
func startTLS(t *testing.T, clients tls.ClientAuthType) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(ownProfile))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{ClientAuth: clients}
	watchConnections(t, server)
	server.StartTLS()
	return server
}

func TestAProxyIsUsedOnlyIfTheModuleSaysSo(t *testing.T) {
	var proxied atomic.Int64
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "app.example.com:6060" {
			t.Errorf("the proxy was asked for %s", r.URL)
		}
		proxied.Add(1)
		ownProfile(w, r)
	})
	t.Setenv("HTTP_PROXY", "http://"+proxy)
	resolve(t, func(string) (string, bool) { return "", false })
	e := startExporter(t, fmt.Sprintf(`
modules:
  default: {targets: ["app.example.com:6060"]}
  proxied:
    targets: ["app.example.com:6060"]
    http_client_config: {proxy_url: "http://%s"}
`, proxy))
	e.failsWith(dns, "app.example.com:6060", "does not resolve")
	if proxied.Load() != 0 {
		t.Error("the proxy of the environment was used")
	}
	e.succeeds("app.example.com:6060", "query", "module=proxied")
}
