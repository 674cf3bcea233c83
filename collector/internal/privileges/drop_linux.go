package privileges

import (
	"fmt"
	"slices"
	"strings"

	"kernel.org/pub/linux/libs/security/libcap/cap"
)

// Drop takes from all threads of the process, for good, the capabilities that it does not need, and the system calls with
// which those that it keeps could do harm. It is called when the agent listens on its port, has read its files, and has
// made what needs a privilege for once (such as raising limits): from then on it opens no file to write, and starts no
// program.
//
// An error says which of it could not be done; what comes before in the list above is done then.
func Drop(need Need) (Report, error) {
	report, err := dropCapabilities(need)
	if err != nil {
		return report, err
	}
	return report, restrictSystemCalls(need)
}

func dropCapabilities(need Need) (report Report, err error) {
	have := cap.GetProc()
	kept := cap.NewSet()
	wanted := Capabilities(need, cap.MaxBits() > cap.BPF)
	if mayAdmin, _ := have.GetFlag(cap.Permitted, cap.SYS_ADMIN); need.Admin && mayAdmin && !slices.Contains(wanted, capSysAdmin) {
		wanted = append(wanted, capSysAdmin)
	}
	for _, c := range wanted {
		value, err := cap.FromName(strings.ToLower(c.Name))
		if err != nil {
			return report, fmt.Errorf("the capability %s is not known: %w", c.Name, err)
		}
		permitted, err := have.GetFlag(cap.Permitted, value)
		if err != nil {
			return report, fmt.Errorf("the capability %s is not known to this kernel: %w", c.Name, err)
		}
		if !permitted {
			report.Missing = append(report.Missing, c)
			continue
		}
		report.Kept = append(report.Kept, c)
		if err := kept.SetFlag(cap.Permitted, true, value); err != nil {
			return report, err
		}
		if err := kept.SetFlag(cap.Effective, true, value); err != nil {
			return report, err
		}
	}
	// The bounding set matters to programs that are started, of which there are none; so it is done where it may be.
	if mayBound, _ := have.GetFlag(cap.Effective, cap.SETPCAP); mayBound {
		for c := cap.Value(0); c < cap.MaxBits(); c++ {
			if err := cap.DropBound(c); err != nil {
				return report, fmt.Errorf("the bounding set of capabilities cannot be emptied: %w", err)
			}
		}
	}
	if err := cap.ResetAmbient(); err != nil {
		return report, fmt.Errorf("ambient capabilities cannot be dropped: %w", err)
	}
	if err := kept.SetProc(); err != nil {
		return report, fmt.Errorf("capabilities cannot be dropped: %w", err)
	}
	return report, nil
}
