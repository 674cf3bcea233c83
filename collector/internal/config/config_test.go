package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func load(t *testing.T, text string) (*Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "exporter.yml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file)
}

func mustLoad(t *testing.T, text string) *Config {
	t.Helper()
	c, err := load(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheExampleIsValidAndSaysTheDefaultsItClaims(t *testing.T) {
	c, err := Load("../../goroutine_stack_exporter.yml")
	if err != nil {
		t.Fatal(err)
	}
	got, want := c.Modules["default"], newModule()
	if got.Scheme != want.Scheme || got.Path != want.Path || got.Timeout != want.Timeout {
		t.Errorf("the example has %s %s %s, the defaults are %s %s %s",
			got.Scheme, got.Path, got.Timeout, want.Scheme, want.Path, want.Timeout)
	}
	if len(got.Networks) != len(want.Networks) {
		t.Fatalf("the example has the networks %v, the default is %v", got.Networks, want.Networks)
	}
	for i := range want.Networks {
		if got.Networks[i] != want.Networks[i] {
			t.Errorf("network %v, the default is %v", got.Networks[i], want.Networks[i])
		}
	}
	for i := range thisHost {
		if got.Targets[i] != thisHost[i] {
			t.Errorf("target %v, the default is %v", got.Targets[i], thisHost[i])
		}
	}
	token := c.Modules["secured"].HTTPClientConfig.Authorization.CredentialsFile
	if token != "../../secrets/payments-token" {
		t.Errorf("credentials_file is %s, want it relative to the configuration's folder", token)
	}
}

func TestErrorsNameFileLineAndModule(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{"", "there is no module"},
		{"modules: {}", "there is no module"},
		{"modules:\n  default:\n    max_size: 1", "line 3: field max_size not found"},
		{"module:\n  default: {}", "line 1: field module not found"},
		{"modules:\n  default:\n    http_client_config:\n      basic_auth:\n        pasword: x", "line 5: field pasword not found"},
		{"modules:\n  default:\n    targets:\n      - localhost:*\n      - app", "line 5: \"app\" is neither host:port"},
		{"modules:\n  default:\n    targets: [10.0.0.1/8]", "line 3: \"10.0.0.1/8\" has bits set"},
		{"modules:\n  default:\n    targets: [10.0.0.1/8:80]", "line 3: \"10.0.0.1/8:80\": \"10.0.0.1/8\" has bits set behind its prefix: write 10.0.0.0/8"},
		{"modules:\n  default:\n    targets: ['app:http']", "line 3: \"app:http\": port \"http\" is not a number from 1 to 65535, nor *"},
		{"modules:\n  default:\n    targets: ['app/x:80']", "line 3: \"app/x:80\""},
		{"modules:\n  default:\n    targets: ['ap?:80']", "neither a host name"},
		{"modules:\n  default:\n    targets: [{host: app}]", "line 3: a target has to be a text"},
		{"modules:\n  default:\n    networks: [private]", "line 3: \"private\" is not an IP address"},
		{"modules:\n  default: {}\n  b:\n    targets: []", "line 3: module \"b\": targets is empty"},
		{"modules:\n  b:\n    scheme: ftp", "line 2: module \"b\": scheme is \"ftp\""},
		{"modules:\n  b:\n    path: debug", "line 2: module \"b\": path is \"debug\""},
		{"modules:\n  b:\n    path: //evil/debug", "line 2: module \"b\": path is"},
		{"modules:\n  b:\n    path: '@evil/debug'", "line 2: module \"b\": path is"},
		{"modules:\n  b:\n    path: /debug/pprof/goroutine?debug=2", "stops the whole process"},
		{"modules:\n  b:\n    timeout: 0s", "timeout is 0s"},
		{"modules:\n  b:\n    timeout: soon", "not a valid duration"},
		{"modules:\n  b:\n    http_client_config: {bearer_token: x, basic_auth: {username: u}}", "line 2: module \"b\": http_client_config: at most one of"},
		{"modules:\n  b: {}\n  b: {}", "already defined at line 2"},
		{"modules: {default: {}}\n---\nmodules: {}", "more than one YAML document"},
	} {
		_, err := load(t, c.text)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "exporter.yml: ") {
			t.Errorf("%q:\n got %v\nwant exporter.yml: … %s", c.text, err, c.says)
		}
	}
	if _, err := Load("/does/not/exist.yml"); err == nil || !strings.Contains(err.Error(), "/does/not/exist.yml") {
		t.Errorf("a file that is missing: %v", err)
	}
}

func TestAnErrorNeverShowsASecret(t *testing.T) {
	for _, text := range []string{
		"modules: {default: {http_client_config: {basic_auth: {username: u, password: hunter2, password_file: x}}}}",
		"modules: {default: {http_client_config: {authorization: {type: basic, credentials: hunter2}}}}",
		"modules: {default: {scheme: ftp, http_client_config: {bearer_token: hunter2}}}",
	} {
		if _, err := load(t, text); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestWhatIsLeftOutHasItsDefault(t *testing.T) {
	for _, text := range []string{"modules:\n  default:\n", "modules: {default: {}}"} {
		m := mustLoad(t, text).Modules[DefaultModule]
		if url := m.URL(target(t, "[::1]:6060")); url != "http://[::1]:6060/debug/pprof/goroutine" {
			t.Errorf("%q: URL is %s", text, url)
		}
		if time.Duration(m.Timeout) != 30*time.Second || !m.AllowsTarget(target(t, "localhost:6060")) || m.AllowsTarget(target(t, "10.0.0.1:6060")) {
			t.Errorf("%q: the module is %+v", text, m)
		}
	}
}

func target(t *testing.T, text string) Target {
	t.Helper()
	parsed, err := ParseTarget(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestTargetsOfTheAllowList(t *testing.T) {
	for _, c := range []struct {
		pattern, yes, no string
	}{
		{"app:6060", "app:6060 APP:6060 app.:6060", "app:6061 ap:6060 app.example.com:6060 127.0.0.1:6060"},
		{"App.Example.com:6060", "app.example.com:6060", "example.com:6060"},
		{"app:*", "app:1 app:65535", "application:1"},
		{"*.example.com:80", "a.example.com:80 a.b.example.com:80", "example.com:80 example.com.evil.org:80 aexample.com:80"},
		{"app-*:80", "app-1:80 app-:80", "app:80"},
		{"*:80", "a:80 a.b.c:80 1.2:80", "10.0.0.1:80 [::1]:80 localhost:80 a.localhost:80 localhost.:80"},
		{"10.0.0.0/8:6060", "10.1.2.3:6060 [::ffff:10.1.2.3]:6060", "10.1.2.3:80 11.0.0.1:6060 app:6060"},
		{"10.0.0.0/8", "10.1.2.3:1 10.255.255.255:65535", "9.9.9.9:1"},
		{"10.0.0.0/8:*", "10.1.2.3:1", "9.9.9.9:1"},
		{"10.1.2.3:6060", "10.1.2.3:6060", "10.1.2.4:6060"},
		{"[fd00::/8]:6060", "[fd00::1]:6060 [FD00:0::1]:6060", "[fd00::1]:80 [fe80::1]:6060 [fd00::1%eth0]:6060"},
		{"fd00::/8", "[fd00::1]:80", "[fe80::1]:80"},
		{"[fd00::1]:80", "[fd00::1]:80", "[fd00::2]:80"},
		{"0.0.0.0/0:80", "10.1.2.3:80", "[::1]:80 app:80"},
		{"localhost:80", "localhost:80 LOCALHOST:80", "127.0.0.1:80 a.localhost:80"},
	} {
		pattern, err := ParseTargetPattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		for _, yes := range strings.Fields(c.yes) {
			if !pattern.matches(target(t, yes)) {
				t.Errorf("%s does not match %s", c.pattern, yes)
			}
		}
		for _, no := range strings.Fields(c.no) {
			if pattern.matches(target(t, no)) {
				t.Errorf("%s matches %s", c.pattern, no)
			}
		}
	}
}

func TestAddressesOfNames(t *testing.T) {
	private := newModule()
	loopbackAllowed := mustLoad(t, "modules: {default: {networks: [127.0.0.0/8, 2001:db8::/32]}}").Modules["default"]
	for _, c := range []struct {
		module          *Module
		target, address string
		want            bool
	}{
		{private, "app:80", "10.1.2.3", true},
		{private, "app:80", "::ffff:10.1.2.3", true},
		{private, "app:80", "fd00::1", true},
		{private, "app:80", "127.0.0.1", false},
		{private, "app:80", "::1", false},
		{private, "app:80", "169.254.169.254", false},
		{private, "app:80", "fe80::1", false},
		{private, "app:80", "8.8.8.8", false},
		{private, "app:80", "0.0.0.0", false},
		{private, "localhost:80", "127.0.0.1", true},
		{private, "localhost:80", "::1", true},
		{private, "localhost:80", "10.1.2.3", false},
		{private, "8.8.8.8:80", "8.8.8.8", true},
		{private, "8.8.8.8:80", "8.8.4.4", false},
		{loopbackAllowed, "app:80", "127.0.1.1", true},
		{loopbackAllowed, "app:80", "2001:db8::1", true},
		{loopbackAllowed, "app:80", "10.1.2.3", false},
	} {
		if got := c.module.AllowsAddress(target(t, c.target), netip.MustParseAddr(c.address)); got != c.want {
			t.Errorf("%s at %s: %t, want %t", c.target, c.address, got, c.want)
		}
	}
}

func TestATargetIsHostAndPortAlone(t *testing.T) {
	for text, want := range map[string]string{
		"app:6060":                       "app:6060",
		"My_App-1.example:1":             "my_app-1.example:1",
		"127.0.0.1:6060":                 "127.0.0.1:6060",
		"[::1]:6060":                     "[::1]:6060",
		"[0:0:0:0:0:0:0:1]:80":           "[::1]:80",
		"[::ffff:10.0.0.1]:80":           "10.0.0.1:80",
		"127.1:80":                       "127.1:80", // a name, whatever it resolves to
		"0x7f000001:6060":                "0x7f000001:6060",
		"":                               "",
		"app":                            "",
		"app:":                           "",
		":6060":                          "",
		"app:0":                          "",
		"app:65536":                      "",
		"app:-1":                         "",
		"app:http":                       "",
		"::1:6060":                       "",
		"http://app:6060":                "",
		"app:6060/path":                  "",
		"app:6060?a=b":                   "",
		"user@app:6060":                  "",
		"app\r\nX: y:6060":               "",
		"app%2f:6060":                    "",
		"bücher.example:80":              "",
		strings.Repeat("a", 254) + ":80": "",
	} {
		got, err := ParseTarget(text)
		if want == "" {
			if err == nil || text != "" && len(text) < 100 && !strings.Contains(err.Error(), "target") {
				t.Errorf("%q: got %v, %v, want an error", text, got, err)
			}
			continue
		}
		if err != nil || got.String() != want {
			t.Errorf("%q: got %s, %v, want %s", text, got, err, want)
		}
	}
}
