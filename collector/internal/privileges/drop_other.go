//go:build !linux

package privileges

import "errors"

// Drop returns an error: the agent runs on Linux.
func Drop(Need) (Report, error) {
	return Report{}, errors.New("the agent's privileges are those of Linux")
}
