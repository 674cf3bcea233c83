package cgroupmem

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// Self reads the memory of the control group of the process that calls it. ok is false when the memory of that group
// is not accounted: it is the root group of cgroup v2, or no memory controller is there.
//
// An error names the file that could not be read.
func (r Reader) Self() (memory Memory, ok bool, err error) {
	proc, err := procfs.NewFS(r.Proc)
	if err != nil {
		return Memory{}, false, err
	}
	self, err := proc.Self()
	if err != nil {
		return Memory{}, false, err
	}
	groups, err := self.Cgroups()
	if err != nil {
		return Memory{}, false, err
	}
	mounts, err := self.MountInfo()
	if err != nil {
		return Memory{}, false, err
	}
	// A system may have both versions mounted; each controller is in one of them.
	version, group := version1, memoryGroup(groups)
	if group == nil {
		version, group = version2, unifiedGroup(groups)
	}
	if group == nil {
		return Memory{}, false, nil
	}
	mount := mountOf(mounts, version, group.Path)
	if mount == nil {
		return Memory{}, false, nil
	}
	return r.read(version, mount, group.Path)
}

func memoryGroup(groups []procfs.Cgroup) *procfs.Cgroup {
	for i := range groups {
		if slices.Contains(groups[i].Controllers, "memory") {
			return &groups[i]
		}
	}
	return nil
}

func unifiedGroup(groups []procfs.Cgroup) *procfs.Cgroup {
	for i := range groups {
		if groups[i].HierarchyID == 0 {
			return &groups[i]
		}
	}
	return nil
}

// version is what cgroup v1 and v2 do differently.
type version struct {
	isMount func(*procfs.MountInfo) bool
	limit   string // file
	usage   string // file
	// unreclaimable sums what memory.stat of the group in that directory says.
	unreclaimable func(directory string, stat map[string]uint64) (uint64, error)
}

var version2 = version{
	isMount: func(m *procfs.MountInfo) bool { return m.FSType == "cgroup2" },
	limit:   "memory.max",
	usage:   "memory.current",
	// https://docs.kernel.org/admin-guide/cgroup-v2.html, memory.stat. "file" has the page cache, but shmem too; "kernel"
	// has the slabs, of which one part is caches (inodes, dentries), but not the socket buffers.
	unreclaimable: func(_ string, stat map[string]uint64) (uint64, error) {
		kernel := stat["kernel"] - min(stat["slab_reclaimable"], stat["kernel"])
		if _, ok := stat["kernel"]; !ok { // before Linux 5.18
			kernel = stat["kernel_stack"] + stat["pagetables"] + stat["percpu"] + stat["slab_unreclaimable"]
		}
		return stat["anon"] + stat["shmem"] + stat["sock"] + kernel, nil
	},
}

var version1 = version{
	isMount: func(m *procfs.MountInfo) bool {
		_, memory := m.SuperOptions["memory"]
		return m.FSType == "cgroup" && memory
	},
	limit: "memory.limit_in_bytes",
	usage: "memory.usage_in_bytes",
	// https://docs.kernel.org/admin-guide/cgroup-v1/memory.html, 5.2: total_* include descendants. total_rss is anonymous
	// memory alone. The slabs are in kmem whole: v1 does not say which part is caches.
	unreclaimable: func(directory string, stat map[string]uint64) (uint64, error) {
		kernel, err := readNumber(filepath.Join(directory, "memory.kmem.usage_in_bytes"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // absent when booted with cgroup.memory=nokmem
			return 0, err
		}
		return stat["total_rss"] + stat["total_shmem"] + kernel, nil
	},
}

// mountOf returns the mount through which the group is seen, or else the first of that version. In a container without a
// cgroup namespace, the group's path is the host's, and so is the mount's root.
func mountOf(mounts []*procfs.MountInfo, v version, group string) *procfs.MountInfo {
	var first *procfs.MountInfo
	for _, m := range mounts {
		if !v.isMount(m) {
			continue
		}
		if _, ok := below(m.Root, group); ok {
			return m
		}
		if first == nil {
			first = m
		}
	}
	return first
}

// below returns the path of the group relative to the root of a mount, without "/" at its ends.
func below(root, group string) (relative string, ok bool) {
	root = strings.TrimSuffix(root, "/")
	if relative, ok = strings.CutPrefix(group, root); !ok || relative != "" && relative[0] != '/' {
		return "", false
	}
	relative = strings.Trim(relative, "/")
	// "/../x" is outside of the cgroup namespace.
	return relative, relative != ".." && !strings.HasPrefix(relative, "../")
}

func (r Reader) read(v version, mount *procfs.MountInfo, group string) (Memory, bool, error) {
	top := filepath.Join(r.Root, mount.MountPoint)
	// A group that the mount does not show is above or beside its root. Of what is visible, the root is nearest to it:
	// a container that was given a mount of its own group, and the host's path for it.
	relative, _ := below(mount.Root, group)

	var memory Memory
	least := filepath.Join(top, relative) // the directory of the group that is read
	for {
		limit, err := readNumber(filepath.Join(top, relative, v.limit))
		switch {
		case errors.Is(err, fs.ErrNotExist) && relative == "": // the root group has none
		case err != nil:
			return Memory{}, false, err
		case limit < unlimited && (memory.Limit == 0 || limit <= memory.Limit):
			memory.Limit = limit
			least = filepath.Join(top, relative)
		}
		if relative == "" {
			break
		}
		if relative = path.Dir(relative); relative == "." {
			relative = ""
		}
	}

	var err error
	memory.Usage, err = readNumber(filepath.Join(least, v.usage))
	if errors.Is(err, fs.ErrNotExist) && least == top {
		return Memory{}, false, nil
	}
	if err != nil {
		return Memory{}, false, err
	}
	stat, err := readStat(filepath.Join(least, "memory.stat"))
	if err != nil {
		return Memory{}, false, err
	}
	memory.Unreclaimable, err = v.unreclaimable(least, stat)
	if err != nil {
		return Memory{}, false, err
	}
	// v1 alone says what limit ancestors set that are not visible.
	if limit, ok := stat["hierarchical_memory_limit"]; ok && limit < unlimited && (memory.Limit == 0 || limit < memory.Limit) {
		memory.Limit = limit
	}
	return memory, true, nil
}

// unlimited and more is no limit: v2 writes "max", v1 the greatest int64 that is a multiple of the page size.
const unlimited = math.MaxInt64 / 2

// readNumber reads a file that holds one number, or "max".
func readNumber(file string) (uint64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	number := string(bytes.TrimSpace(text))
	if number == "max" {
		return math.MaxUint64, nil
	}
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	return n, nil
}

// readStat reads a file of lines "key number".
func readStat(file string) (map[string]uint64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	stat := map[string]uint64{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		key, number, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		stat[key] = n
	}
	return stat, lines.Err()
}
