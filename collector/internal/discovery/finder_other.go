//go:build !linux

package discovery

import "errors"

// Finder knows the Go processes of a host that is Linux.
type Finder struct{}

// New returns an error: there is no /proc as on Linux.
func New(Options) (*Finder, error) {
	return nil, errors.New("Go processes of a host can be found on Linux only")
}

// Processes are none.
func (f *Finder) Processes() []*Process { return nil }

// Lookup finds none.
func (f *Finder) Lookup(string) (*Process, bool) { return nil, false }

// Refresh finds none.
func (f *Finder) Refresh() ([]*Process, error) { return nil, nil }

// Close does nothing.
func (f *Finder) Close() error { return nil }
