package probe

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/version"

	"github.com/stackpressure/goroutines/collector/internal/config"
	"github.com/stackpressure/goroutines/collector/internal/pprofstacks"
)

const (
	// smallBody is how much of an answer is read without asking. The profiles that we recorded take 2 to 8 kB, however many
	// goroutines there were, as equal stacks are one sample.
	smallBody = 1 << 20
	// largeBodies is how many larger answers are in memory at once, so that many targets that send as much as they
	// may, and slowly, cannot fill it.
	largeBodies = 4
)

// module is a config.Module with the client that its probes use.
type module struct {
	*config.Module
	name   string
	client *http.Client
}

func newModule(name string, c *config.Module) (*module, error) {
	m := &module{Module: c, name: name}
	client, err := promconfig.NewClientFromConfig(
		promconfig.HTTPClientConfig(c.HTTPClientConfig), name,
		promconfig.WithDialContextFunc(m.dial),
		// A new connection each time: a name is resolved and checked again, and nothing is held open meanwhile.
		promconfig.WithKeepAlivesDisabled(),
		promconfig.WithHTTP2Disabled(),
		promconfig.WithUserAgent("goroutine_stack_exporter/"+version.Version),
	)
	if err != nil {
		return nil, fmt.Errorf("module %q: http_client_config: %w", name, err)
	}
	// Not the config's follow_redirects: a target must not send the exporter, and the credentials, elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	m.client = client
	return m, nil
}

// dial connects to an allowed target, at an address that is allowed too. The check is made when the address is known
// and the connection is not yet, for a name may resolve differently from one moment to the next.
//
// Requests go to allowed targets alone; so what is none can only be the proxy that the module's author chose. What
// address a proxy connects to is for the proxy to check.
func (m *module) dial(ctx context.Context, network, address string) (net.Conn, error) {
	target, err := config.ParseTarget(address)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{}
	if m.AllowsTarget(target) {
		dialer.ControlContext = func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(resolved)
			if err != nil {
				return err
			}
			if !m.AllowsAddress(target, to.Addr()) {
				return &errAddressNotAllowed{to.Addr()}
			}
			return nil
		}
	} else if !m.hasProxy() {
		return nil, fmt.Errorf("%s is not an allowed target", target)
	}
	return dialer.DialContext(ctx, network, address)
}

func (m *module) hasProxy() bool {
	return m.HTTPClientConfig.ProxyURL.URL != nil || m.HTTPClientConfig.ProxyFromEnvironment
}

// fetch reads the target's answer as it was sent. The caller calls release when it needs the bytes no more.
func (p *Prober) fetch(ctx context.Context, m *module, t config.Target, timeout time.Duration) (body []byte, release func(), f *failure) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.URL(t), nil)
	if err != nil {
		return nil, nil, failed(connection, "no request for %s can be made: %v", t, err)
	}
	response, err := m.client.Do(request)
	if err != nil {
		return nil, nil, transferFailure(t, timeout, err)
	}
	defer response.Body.Close()
	if f := statusFailure(m, t, response); f != nil {
		return nil, nil, f
	}

	body, err = io.ReadAll(io.LimitReader(response.Body, smallBody))
	if err != nil {
		return nil, nil, transferFailure(t, timeout, err)
	}
	release = func() {}
	if len(body) == smallBody {
		select {
		case p.largeBodies <- struct{}{}:
			release = func() { <-p.largeBodies }
		case <-ctx.Done():
			return nil, nil, contextFailure(t, timeout, ctx.Err())
		}
		var rest []byte
		if rest, err = io.ReadAll(io.LimitReader(response.Body, pprofstacks.MaxBytes+1-smallBody)); err != nil {
			release()
			return nil, nil, transferFailure(t, timeout, err)
		}
		body = append(body, rest...)
	}
	if len(body) > pprofstacks.MaxBytes {
		release()
		return nil, nil, tooLargeFailure(t, "is")
	}
	return body, release, nil
}

// statusFailure says what is wrong with an answer whose status is not 200.
func statusFailure(m *module, t config.Target, response *http.Response) *failure {
	status := response.StatusCode
	switch {
	case status == http.StatusOK:
		return nil
	case status >= 300 && status < 400:
		return failed(redirect, "%s redirects to %s (HTTP %d): redirects are not followed, as they could lead anywhere; set "+
			"target, scheme and path to where the profile is", t, withoutSecrets(response.Header.Get("Location")), status)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return failed(unauthorized, "%s refuses the request (HTTP %d): give credentials in http_client_config of module %q",
			t, status, m.name)
	case status == http.StatusNotFound:
		return failed(notFound, "%s has nothing at %s (HTTP 404): import net/http/pprof in the program, serve it at this port, "+
			"or set path in the module", t, m.Path)
	}
	return failed(httpStatus, "%s answers HTTP %d at %s: see its log; 400 is also what a TLS port answers when scheme is http",
		t, status, m.Path)
}

// withoutSecrets returns a Location without user and query, where tokens are passed on.
func withoutSecrets(location string) string {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return "an unreadable place"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

func tooLargeFailure(t config.Target, is string) *failure {
	return failed(tooLarge, "the profile of %s %s more than %d MiB: see why the program has so many different stacks; labels "+
		"of runtime/pprof that differ by request multiply them", t, is, pprofstacks.MaxBytes>>20)
}
