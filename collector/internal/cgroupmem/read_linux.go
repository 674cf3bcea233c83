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
	return r.memoryOf(procfs.FS.Self)
}

// Process reads the memory of the control group of another process of this host, as far as this one sees the groups. In a
// container, it sees those of other containers if it has the host's cgroup namespace (Docker: cgroup: host), or the host's
// /sys/fs/cgroup mounted, anywhere (Kubernetes: hostPath); else ok is false for them.
func (r Reader) Process(pid int) (memory Memory, ok bool, err error) {
	return r.memoryOf(func(proc procfs.FS) (procfs.Proc, error) { return proc.Proc(pid) })
}

func (r Reader) memoryOf(of func(procfs.FS) (procfs.Proc, error)) (memory Memory, ok bool, err error) {
	group, ok, err := r.locate(of)
	if !ok || err != nil {
		return Memory{}, false, err
	}
	return group.read()
}

// group is the memory control group of a process.
type group struct {
	version
	top      string // directory of the root of the mount through which the group is visible
	relative string // path of the group below it, "" if it is the root
}

// locate finds the group of a process. ok is false when there is none.
func (r Reader) locate(find func(procfs.FS) (procfs.Proc, error)) (g group, ok bool, err error) {
	proc, err := procfs.NewFS(r.Proc)
	if err != nil {
		return group{}, false, err
	}
	self, err := proc.Self()
	if err != nil {
		return group{}, false, err
	}
	process, err := find(proc)
	if err != nil {
		return group{}, false, err
	}
	groups, err := process.Cgroups()
	if err != nil {
		return group{}, false, err
	}
	mounts, err := self.MountInfo()
	if err != nil {
		return group{}, false, err
	}
	// A system may have both versions mounted; each controller is in one of them.
	v, of := version1, groupOf(groups, func(g procfs.Cgroup) bool { return slices.Contains(g.Controllers, "memory") })
	if of == nil {
		v, of = version2, groupOf(groups, func(g procfs.Cgroup) bool { return g.HierarchyID == 0 })
	}
	if of == nil {
		return group{}, false, nil
	}
	mount, relative, isShown := mountOf(mounts, v, of.Path)
	if mount == nil {
		return group{}, false, nil
	}
	if isShown || process.PID == self.PID {
		return group{v, filepath.Join(r.Root, mount.MountPoint), relative}, true, nil
	}
	return r.locateOutside(mounts, v, of.Path)
}

// locateOutside finds a group outside of the own cgroup namespace through a mount that shows more than that: the host's,
// whose root and whose groups are then relative to the namespace.
//
//	mount   /../../..       the host's root is three above the namespace's, whatever their names are
//	group   /../../b/c      two above is b: one level of the host's, and then b/c
//
// ok is false unless there is one directory that it can be: a container's name has its id, which no other has.
func (r Reader) locateOutside(mounts []*procfs.MountInfo, v version, path string) (g group, ok bool, err error) {
	levels, rest := climb(path)
	for _, m := range mounts {
		top, below := climb(m.Root)
		if !v.isMount(m) || top == 0 || below != "" || levels > top {
			continue
		}
		directory := filepath.Join(r.Root, m.MountPoint)
		pattern := quote(directory) + strings.Repeat("/*", top-levels) + "/" + quote(rest)
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) != 1 {
			return group{}, false, err
		}
		relative, err := filepath.Rel(directory, found[0])
		if err != nil {
			return group{}, false, err
		}
		if relative == "." {
			relative = ""
		}
		return group{v, directory, relative}, true, nil
	}
	return group{}, false, nil
}

// climb returns how many levels above the namespace's root a path begins, and what is below there.
func climb(path string) (levels int, rest string) {
	rest = strings.Trim(path, "/")
	for {
		above, ok := strings.CutPrefix(rest+"/", "../")
		if !ok {
			return levels, rest
		}
		levels, rest = levels+1, strings.TrimSuffix(above, "/")
	}
}

// quote makes a pattern of filepath.Match that matches the text alone: systemd writes \x2d for a dash.
func quote(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(text)
}

func groupOf(groups []procfs.Cgroup, is func(procfs.Cgroup) bool) *procfs.Cgroup {
	if i := slices.IndexFunc(groups, is); i >= 0 {
		return &groups[i]
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

// mountOf returns the mount through which the group is visible, and the group's path below it. In a container without a
// cgroup namespace, both the group's path and the mount's root are the host's.
//
// If none shows the group, it is above or beside what is visible. Nearest to it then is the root of the first mount:
// what a container was given as its own group; of another process, that says nothing.
func mountOf(mounts []*procfs.MountInfo, v version, group string) (mount *procfs.MountInfo, relative string, isShown bool) {
	for _, m := range mounts {
		if !v.isMount(m) {
			continue
		}
		if relative, ok := below(m.Root, group); ok {
			return m, relative, true
		}
		if mount == nil {
			mount = m
		}
	}
	return mount, "", false
}

// below returns the path of the group relative to the root of a mount, without "/" at its ends.
func below(root, group string) (relative string, ok bool) {
	relative, ok = strings.CutPrefix(group+"/", strings.TrimSuffix(root, "/")+"/")
	relative = strings.Trim(relative, "/")
	if relative == ".." || strings.HasPrefix(relative, "../") { // outside of the cgroup namespace
		return "", false
	}
	return relative, ok
}

func (g group) read() (Memory, bool, error) {
	var memory Memory
	least := "" // the directory of the group with the least limit
	for relative := g.relative; ; {
		directory := filepath.Join(g.top, relative)
		limit, err := readNumber(filepath.Join(directory, g.limit))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// The root group of v2, or one without the memory controller: its memory is charged to an ancestor.
		case err != nil:
			return Memory{}, false, err
		case limit < unlimited && (memory.Limit == 0 || limit <= memory.Limit):
			memory.Limit = limit
			least = directory
		case least == "":
			least = directory
		}
		if relative == "" {
			break
		}
		if relative = path.Dir(relative); relative == "." {
			relative = ""
		}
	}
	if least == "" {
		return Memory{}, false, nil
	}

	var err error
	if memory.Usage, err = readNumber(filepath.Join(least, g.usage)); err != nil {
		return Memory{}, false, err
	}
	stat, err := readStat(filepath.Join(least, "memory.stat"))
	if err != nil {
		return Memory{}, false, err
	}
	if memory.Unreclaimable, err = g.unreclaimable(least, stat); err != nil {
		return Memory{}, false, err
	}
	// Only v1 says what ancestors limit that are not visible. How much they use, it does not.
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
