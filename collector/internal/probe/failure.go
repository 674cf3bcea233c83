package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"time"

	"golang.org/x/oauth2"

	"github.com/stackpressure/goroutines/collector/internal/config"
)

// cause is why a probe failed, as the label cause has it.
type cause string

const (
	addressNotAllowed cause = "address_not_allowed" // the name resolves to an address outside of the module's networks
	canceled          cause = "canceled"            // whoever asked went away
	connection        cause = "connection"          // the connection broke, or what came was not HTTP
	connect           cause = "connect"             // nothing accepts connections there
	credentials       cause = "credentials"         // the module's credentials could not be had
	dns               cause = "dns"                 // the name does not resolve
	httpStatus        cause = "http_status"         // an HTTP status that is none of the others
	notAProfile       cause = "not_a_profile"       // the answer is no goroutine profile
	notFound          cause = "not_found"           // 404
	overloaded        cause = "overloaded"          // the exporter's own limits
	redirect          cause = "redirect"            // 3xx
	timedOut          cause = "timeout"             // no profile in time
	tlsHandshake      cause = "tls"                 // certificate or handshake
	tooLarge          cause = "too_large"           // a profile over the limit
	unauthorized      cause = "unauthorized"        // 401 or 403
)

var causes = []cause{
	addressNotAllowed, canceled, connection, connect, credentials, dns, httpStatus, notAProfile, notFound, overloaded,
	redirect, timedOut, tlsHandshake, tooLarge, unauthorized,
}

// failure is an error of a probe that says what to do. Of what was sent to the target, it never holds more than the
// address, nor any part of the answer's body, which could repeat a secret.
type failure struct {
	cause cause
	text  string
}

// maxFailureText is in bytes. Targets have a say in some errors, such as where they redirect to.
const maxFailureText = 1 << 10

func (f *failure) Error() string { return f.text }

func failed(cause cause, format string, args ...any) *failure {
	text := fmt.Sprintf(format, args...)
	return &failure{cause, text[:min(len(text), maxFailureText)]}
}

func timeoutFailure(t config.Target, timeout time.Duration) *failure {
	return failed(timedOut, "%s did not deliver its profile within %s: raise scrape_timeout in Prometheus and timeout in "+
		"the module, or see why the target is slow", t, timeout.Round(time.Millisecond))
}

func contextFailure(t config.Target, timeout time.Duration, err error) *failure {
	if errors.Is(err, context.Canceled) {
		return failed(canceled, "the probe of %s was given up: whoever asked has gone", t)
	}
	return timeoutFailure(t, timeout)
}

// errAddressNotAllowed is given up by the dialer, and found again inside of what net/http makes of it.
type errAddressNotAllowed struct{ address netip.Addr }

func (e *errAddressNotAllowed) Error() string {
	return fmt.Sprintf("address %s is not allowed", e.address)
}

// transferFailure says what an error of an HTTP request, or of reading its answer, means.
func transferFailure(t config.Target, timeout time.Duration, err error) *failure {
	var (
		notAllowed *errAddressNotAllowed
		dnsError   *net.DNSError
		opError    *net.OpError
		pathError  *fs.PathError
		netError   net.Error
		tokenError *oauth2.RetrieveError
	)
	switch {
	case errors.As(err, &notAllowed):
		return failed(addressNotAllowed, "%s resolves to %s, which is not in the module's networks: add its network there "+
			"if the name is to be trusted", t, notAllowed.address)
	case errors.As(err, &tokenError):
		// Its text repeats the answer of the token endpoint.
		return failed(credentials, "the oauth2 token endpoint refused a token for %s: check client_id, client_secret and "+
			"token_url of the module", t)
	case errors.As(err, &pathError):
		return failed(credentials, "a file that the module needs to probe %s cannot be read: %v", t, pathError)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return contextFailure(t, timeout, err)
	case errors.As(err, &dnsError) && !dnsError.IsTimeout:
		return failed(dns, "the name of %s does not resolve (%s): check the name, and the resolver of the exporter's host",
			t, dnsError.Err)
	case errors.As(err, &netError) && netError.Timeout():
		return timeoutFailure(t, timeout)
	case isTLSError(err), errors.As(err, &opError) && opError.Op == "remote error": // as the target's TLS alerts are called
		return failed(tlsHandshake, "no TLS connection to %s (%v): check scheme and tls_config of the module", t, innermost(err))
	case errors.As(err, &opError) && opError.Op == "dial":
		return failed(connect, "no connection to %s (%v): check that the process runs and listens there, and that nothing "+
			"between blocks the port", t, opError.Err)
	}
	return failed(connection, "the connection to %s broke, or what came was not HTTP (%v): check that the port serves "+
		"net/http/pprof, and scheme in the module", t, innermost(err))
}

func isTLSError(err error) bool {
	var (
		record       tls.RecordHeaderError
		verification *tls.CertificateVerificationError
	)
	return errors.As(err, &record) || errors.As(err, &verification)
}

// innermost is the error without the layers that repeat the URL and the operation.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
