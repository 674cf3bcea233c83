// Package config reads the configuration file of goroutine_stack_exporter: which targets may be probed, and how.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// DefaultModule is the name of the module that probes which name none use.
const DefaultModule = "default"

// Config is a configuration file.
type Config struct {
	Modules map[string]*Module `yaml:"modules"`
}

// Module is one way to probe, and the targets for which it may be used. As its credentials go to no other target than
// these, targets that should not see one another's credentials need modules of their own.
type Module struct {
	// Targets that may be probed. Default: this host.
	Targets []TargetPattern `yaml:"targets"`
	// Networks in which the name of a target may resolve, checked at each connection. Default: the private networks.
	Networks []Network `yaml:"networks"`
	// Scheme is http (the default) or https.
	Scheme string `yaml:"scheme"`
	// Path of the goroutine profile on the target. Default: /debug/pprof/goroutine.
	Path string `yaml:"path"`
	// Timeout is the longest that a probe takes, whatever Prometheus' own time-out. Default: 30s.
	Timeout model.Duration `yaml:"timeout"`
	// HTTPClientConfig is how to authenticate, TLS and proxy, as in Prometheus' own scrape_config. Redirects are
	// never followed and HTTP/2 is never used, whatever it says.
	HTTPClientConfig HTTPClientConfig `yaml:"http_client_config"`
}

// HTTPClientConfig is Prometheus' type without its UnmarshalYAML, so that its validation can be told by module.
type HTTPClientConfig promconfig.HTTPClientConfig

// UnmarshalYAML implements the yaml.Unmarshaler of yaml.v2, which the strictness of yaml.v3 outlives.
func (m *Module) UnmarshalYAML(unmarshal func(any) error) error {
	type module Module
	*m = *newModule()
	return unmarshal((*module)(m))
}

func newModule() *Module {
	return &Module{
		Targets:          thisHost,
		Networks:         privateNetworks,
		Scheme:           "http",
		Path:             "/debug/pprof/goroutine",
		Timeout:          model.Duration(30 * time.Second),
		HTTPClientConfig: HTTPClientConfig(promconfig.DefaultHTTPClientConfig),
	}
}

var (
	thisHost = []TargetPattern{
		mustParse(ParseTargetPattern("localhost:*")),
		mustParse(ParseTargetPattern("127.0.0.0/8")),
		mustParse(ParseTargetPattern("::1/128")),
	}
	// RFC 1918, RFC 6598 (which some clouds give to pods) and RFC 4193. What is missing is as important: link-local
	// addresses, under which clouds hand out credentials, and the loopback interface of this host.
	privateNetworks = []Network{
		Network(netip.MustParsePrefix("10.0.0.0/8")),
		Network(netip.MustParsePrefix("172.16.0.0/12")),
		Network(netip.MustParsePrefix("192.168.0.0/16")),
		Network(netip.MustParsePrefix("100.64.0.0/10")),
		Network(netip.MustParsePrefix("fc00::/7")),
	}
)

func mustParse(p TargetPattern, err error) TargetPattern {
	if err != nil {
		panic(err)
	}
	return p
}

// Loopback is the configuration without a file: one module, for this host alone.
func Loopback() *Config {
	return &Config{Modules: map[string]*Module{DefaultModule: newModule()}}
}

// Load reads a configuration file. Fields that it does not know are errors. Relative paths of secrets and
// certificates are relative to the file's folder. Errors name file and line.
func Load(file string) (*Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	c, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, m := range c.Modules {
		(*promconfig.HTTPClientConfig)(&m.HTTPClientConfig).SetDirectory(filepath.Dir(file))
	}
	return c, nil
}

func parse(text []byte) (*Config, error) {
	c := &Config{}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(c.Modules) == 0 {
		return nil, errors.New(`there is no module: write at least "modules: {default: {targets: [...]}}"`)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one YAML document: put all modules into the first")
	}
	lines := moduleLines(text)
	for name, m := range c.Modules {
		if m == nil {
			// "default:" with nothing below.
			c.Modules[name] = newModule()
			continue
		}
		if err := m.validate(); err != nil {
			return nil, atLine(lines[name], fmt.Errorf("module %q: %w", name, err))
		}
	}
	return c, nil
}

// moduleLines returns the line at which each module begins.
func moduleLines(text []byte) map[string]int {
	var file struct {
		Modules yaml.Node `yaml:"modules"`
	}
	lines := map[string]int{}
	// The text was decoded before, so that this cannot fail.
	_ = yaml.Unmarshal(text, &file)
	for i := 0; i+1 < len(file.Modules.Content); i += 2 {
		lines[file.Modules.Content[i].Value] = file.Modules.Content[i].Line
	}
	return lines
}

func (m *Module) validate() error {
	if len(m.Targets) == 0 {
		return errors.New("targets is empty, so that nothing could be probed: list them, or leave the field out for this host")
	}
	if m.Scheme != "http" && m.Scheme != "https" {
		return fmt.Errorf("scheme is %q: it has to be http or https", m.Scheme)
	}
	if u, err := url.ParseRequestURI(m.Path); err != nil || !strings.HasPrefix(m.Path, "/") || strings.HasPrefix(m.Path, "//") {
		return fmt.Errorf("path is %q: it has to begin with one slash, such as /debug/pprof/goroutine", m.Path)
	} else if debug := u.Query().Get("debug"); debug != "" && debug != "0" {
		return fmt.Errorf("path asks for debug=%s: leave it out, as only the protobuf profile is read and debug=2 stops the whole process", debug)
	}
	if m.Timeout <= 0 {
		return fmt.Errorf("timeout is %s: it has to be more than zero", m.Timeout)
	}
	if err := (*promconfig.HTTPClientConfig)(&m.HTTPClientConfig).Validate(); err != nil {
		return fmt.Errorf("http_client_config: %w", err)
	}
	return nil
}

// AllowsTarget tells whether the target is in the module's allow-list. Where it is a name, [Module.AllowsAddress]
// has to be asked as well, for the address to which it resolves.
func (m *Module) AllowsTarget(t Target) bool {
	for _, pattern := range m.Targets {
		if pattern.matches(t) {
			return true
		}
	}
	return false
}

// AllowsAddress tells whether the target, which is in the allow-list, may be reached at the address: at its own, or
// where it is a name, at one in Networks. The name localhost has to be a loopback address.
func (m *Module) AllowsAddress(t Target, address netip.Addr) bool {
	address = address.Unmap()
	if t.Address.IsValid() {
		return address == t.Address
	}
	if t.isLocalhost() {
		return address.IsLoopback()
	}
	for _, network := range m.Networks {
		if netip.Prefix(network).Contains(address) {
			return true
		}
	}
	return false
}

// URL returns the address of the target's goroutine profile.
func (m *Module) URL(t Target) string {
	return m.Scheme + "://" + t.String() + m.Path
}
