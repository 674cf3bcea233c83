//go:build linux && !amd64 && !arm64

package privileges

import (
	"errors"
	"runtime"
)

func restrictSystemCalls(Need) error {
	return errors.New("there is no seccomp filter for " + runtime.GOARCH)
}
