//go:build !linux

package cgroupmem

// Self reports no control group: there are none but on Linux.
func (r Reader) Self() (memory Memory, ok bool, err error) {
	return Memory{}, false, nil
}

// Process reports no control group: there are none but on Linux.
func (r Reader) Process(int) (memory Memory, ok bool, err error) {
	return Memory{}, false, nil
}
