package cgroupmem

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/procfs"
)

// system writes the files and returns a Reader of them. The process has the id 42.
func system(t *testing.T, files map[string]string) Reader {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("42", filepath.Join(root, "proc/self")); err != nil {
		t.Fatal(err)
	}
	return Reader{Proc: filepath.Join(root, "proc"), Root: root}
}

const (
	mountV2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
	mountV1 = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
	others  = "22 28 0:21 / /proc rw,nosuid shared:13 - proc proc rw\n31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
	cpuV1   = "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"

	noLimitV1 = "9223372036854771712\n"
	// Of a Linux 6.8, shortened.
	statV2 = `anon 50000000
file 30000000
kernel 9000000
kernel_stack 2000000
pagetables 1000000
percpu 100
sock 4096
shmem 7000000
slab_reclaimable 4000000
slab_unreclaimable 1500000
slab 5500000
`
	unreclaimableV2 = 50000000 + 7000000 + 4096 + 9000000 - 4000000
)

func TestTheMemoryOfTheGroupThatWouldBeKilled(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  Memory
	}{
		{
			"v2: in a container with a cgroup namespace, the group is the root of the mount",
			map[string]string{
				"proc/42/cgroup":               "0::/\n",
				"proc/42/mountinfo":            others + mountV2,
				"sys/fs/cgroup/memory.max":     "268435456\n",
				"sys/fs/cgroup/memory.current": "90000000\n",
				"sys/fs/cgroup/memory.stat":    statV2,
			},
			Memory{268435456, 90000000, unreclaimableV2},
		},
		{
			"v2: the least limit is an ancestor's, so the usage is that of the ancestor",
			map[string]string{
				"proc/42/cgroup":                                              "0::/app.slice/app.service/worker\n",
				"proc/42/mountinfo":                                           mountV2,
				"sys/fs/cgroup/memory.stat":                                   "anon 1\n",
				"sys/fs/cgroup/app.slice/memory.max":                          "max\n",
				"sys/fs/cgroup/app.slice/app.service/memory.max":              "100000000\n",
				"sys/fs/cgroup/app.slice/app.service/memory.current":          "95000000\n",
				"sys/fs/cgroup/app.slice/app.service/memory.stat":             statV2,
				"sys/fs/cgroup/app.slice/app.service/worker/memory.max":       "200000000\n",
				"sys/fs/cgroup/app.slice/app.service/worker/memory.current":   "1000\n",
				"sys/fs/cgroup/app.slice/app.service/worker/memory.stat":      "anon 1000\n",
				"sys/fs/cgroup/app.slice/app.service/neighbour/memory.max":    "1\n",
				"sys/fs/cgroup/app.slice/app.service/neighbour/cgroup.events": "populated 1\n",
			},
			Memory{100000000, 95000000, unreclaimableV2},
		},
		{
			"v2: of equal limits, the highest group is full first",
			map[string]string{
				"proc/42/cgroup":                         "0::/pod/container\n",
				"proc/42/mountinfo":                      mountV2,
				"sys/fs/cgroup/pod/memory.max":           "500\n",
				"sys/fs/cgroup/pod/memory.current":       "400\n",
				"sys/fs/cgroup/pod/memory.stat":          "anon 300\n",
				"sys/fs/cgroup/pod/container/memory.max": "500\n",
			},
			Memory{500, 400, 300},
		},
		{
			"v2: without a limit, it is the process's own group",
			map[string]string{
				"proc/42/cgroup":                                  "0::/user.slice/session\n",
				"proc/42/mountinfo":                               mountV2,
				"sys/fs/cgroup/user.slice/memory.max":             "max\n",
				"sys/fs/cgroup/user.slice/session/memory.max":     "max\n",
				"sys/fs/cgroup/user.slice/session/memory.current": "12345\n",
				"sys/fs/cgroup/user.slice/session/memory.stat":    "anon 10000\nfile 2000\n",
			},
			Memory{0, 12345, 10000},
		},
		{
			"v2: a group without the memory controller is charged to its ancestor",
			map[string]string{
				"proc/42/cgroup":                              "0::/app/worker\n",
				"proc/42/mountinfo":                           mountV2,
				"sys/fs/cgroup/app/memory.max":                "max\n",
				"sys/fs/cgroup/app/memory.current":            "900\n",
				"sys/fs/cgroup/app/memory.stat":               "anon 800\n",
				"sys/fs/cgroup/app/worker/cgroup.procs":       "42\n",
				"sys/fs/cgroup/app/worker/memory.pressure":    "",
				"sys/fs/cgroup/app/worker/cgroup.controllers": "cpu\n",
			},
			Memory{0, 900, 800},
		},
		{
			"v2: before Linux 5.18 the kernel's memory is summed from its parts",
			map[string]string{
				"proc/42/cgroup":               "0::/\n",
				"proc/42/mountinfo":            mountV2,
				"sys/fs/cgroup/memory.max":     "1000\n",
				"sys/fs/cgroup/memory.current": "900\n",
				"sys/fs/cgroup/memory.stat":    "anon 100\nfile 500\nkernel_stack 20\npagetables 30\npercpu 4\nsock 5\nshmem 60\nslab_reclaimable 70\nslab_unreclaimable 8\nslab 78\n",
			},
			Memory{1000, 900, 100 + 60 + 5 + 20 + 30 + 4 + 8},
		},
		{
			"v2: a group outside of the cgroup namespace is seen as the root of the mount",
			map[string]string{
				"proc/42/cgroup":               "0::/../other\n",
				"proc/42/mountinfo":            mountV2,
				"sys/fs/cgroup/memory.max":     "1000\n",
				"sys/fs/cgroup/memory.current": "900\n",
				"sys/fs/cgroup/memory.stat":    "anon 800\n",
			},
			Memory{1000, 900, 800},
		},
		{
			"v1: groups with a limit of their own and an ancestor's",
			map[string]string{
				"proc/42/cgroup":    "5:cpu:/\n4:memory:/docker/c0ffee\n0::/\n",
				"proc/42/mountinfo": others + cpuV1 + mountV1 + strings.ReplaceAll(mountV2, "cgroup rw", "cgroup/unified rw"),
				"sys/fs/cgroup/memory/memory.limit_in_bytes":                    noLimitV1,
				"sys/fs/cgroup/memory/docker/memory.limit_in_bytes":             "700000000\n",
				"sys/fs/cgroup/memory/docker/c0ffee/memory.limit_in_bytes":      "600000000\n",
				"sys/fs/cgroup/memory/docker/c0ffee/memory.usage_in_bytes":      "500000000\n",
				"sys/fs/cgroup/memory/docker/c0ffee/memory.kmem.usage_in_bytes": "3000000\n",
				"sys/fs/cgroup/memory/docker/c0ffee/memory.stat":                "cache 1\nrss 2\nshmem 3\nhierarchical_memory_limit 600000000\ntotal_cache 90000000\ntotal_rss 200000000\ntotal_shmem 40000000\n",
			},
			Memory{600000000, 500000000, 200000000 + 40000000 + 3000000},
		},
		{
			"v1: in a container without a cgroup namespace, an ancestor that is not visible limits it",
			map[string]string{
				"proc/42/cgroup":    "4:memory:/kubepods/pod1/c0ffee\n",
				"proc/42/mountinfo": strings.Replace(mountV1, " / ", " /kubepods/pod1/c0ffee ", 1),
				"sys/fs/cgroup/memory/memory.limit_in_bytes": noLimitV1,
				"sys/fs/cgroup/memory/memory.usage_in_bytes": "500\n",
				"sys/fs/cgroup/memory/memory.stat":           "hierarchical_memory_limit 800\ntotal_rss 300\n",
			},
			Memory{800, 500, 300},
		},
		{
			"v1: the host's path over a mount of the container's own root is not visible",
			map[string]string{
				"proc/42/cgroup":    "4:memory:/docker/c0ffee\n",
				"proc/42/mountinfo": strings.Replace(mountV1, " / ", " /elsewhere ", 1),
				"sys/fs/cgroup/memory/memory.limit_in_bytes": "800\n",
				"sys/fs/cgroup/memory/memory.usage_in_bytes": "500\n",
				"sys/fs/cgroup/memory/memory.stat":           "hierarchical_memory_limit 800\ntotal_rss 300\n",
			},
			Memory{800, 500, 300},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok, err := system(t, c.files).Self()
			if err != nil {
				t.Fatal(err)
			}
			if !ok || got != c.want {
				t.Errorf("memory is %+v (accounted: %t), want %+v", got, ok, c.want)
			}
		})
	}
}

// The agent is process 42, and the process that it asks about is 77.
func TestTheMemoryOfAnotherProcesssGroup(t *testing.T) {
	const (
		pods    = "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod7.slice"
		theirs  = pods + "/cri-containerd-c0ffee.scope"
		hostsV2 = "31 30 0:26 /../../.. /host/cgroup ro,relatime - cgroup2 cgroup2 rw\n"
	)
	container := func(top string) map[string]string {
		return map[string]string{
			top + "/cgroup.procs":                  "1\n",
			top + "/" + pods + "/memory.max":       "300000000\n",
			top + "/" + pods + "/memory.current":   "250000000\n",
			top + "/" + pods + "/memory.stat":      statV2,
			top + "/" + theirs + "/memory.max":     "500000000\n",
			top + "/" + theirs + "/memory.current": "200000000\n",
			top + "/" + theirs + "/memory.stat":    "anon 1\n",
		}
	}
	for _, c := range []struct {
		name  string
		files []map[string]string
		want  Memory
		ok    bool
	}{
		{
			"v2: on the host",
			[]map[string]string{container("sys/fs/cgroup"), {
				"proc/42/cgroup": "0::/system.slice/agent.service\n", "proc/42/mountinfo": mountV2,
				"proc/77/cgroup": "0::/" + theirs + "\n",
			}},
			Memory{300000000, 250000000, unreclaimableV2}, true,
		},
		{
			"v2: in a container, whose namespace shows its own group alone",
			[]map[string]string{container("host/cgroup"), {
				"proc/42/cgroup": "0::/\n", "proc/42/mountinfo": mountV2,
				"proc/77/cgroup":           "0::/../../../" + theirs + "\n",
				"sys/fs/cgroup/memory.max": "1\n", "sys/fs/cgroup/memory.current": "1\n", "sys/fs/cgroup/memory.stat": "anon 1\n",
			}},
			Memory{}, false,
		},
		{
			"v2: in a container with the host's groups mounted",
			[]map[string]string{container("host/cgroup"), {
				"proc/42/cgroup": "0::/\n", "proc/42/mountinfo": mountV2 + hostsV2,
				"proc/77/cgroup":           "0::/../../../" + theirs + "\n",
				"sys/fs/cgroup/memory.max": "1\n",
			}},
			Memory{300000000, 250000000, unreclaimableV2}, true,
		},
		{
			"v2: of a pod that shares two levels with the agent's, whose names are not known",
			[]map[string]string{container("host/cgroup"), {
				"proc/42/cgroup": "0::/\n", "proc/42/mountinfo": mountV2 + hostsV2,
				"proc/77/cgroup":                            "0::/../kubepods-burstable-pod7.slice/cri-containerd-c0ffee.scope\n",
				"host/cgroup/kubepods.slice/memory.max":     "max\n",
				"host/cgroup/system.slice/a/memory.max":     "max\n",
				"host/cgroup/kubepods.slice/a/b/memory.max": "max\n",
			}},
			Memory{300000000, 250000000, unreclaimableV2}, true,
		},
		{
			"v2: of the host's own services, with a name that is a pattern",
			[]map[string]string{{
				"proc/42/cgroup": "0::/\n", "proc/42/mountinfo": mountV2 + hostsV2,
				"proc/77/cgroup": "0::/../../../system.slice/a\\x2d[b]*.service\n",
				"host/cgroup/system.slice/a\\x2d[b]*.service/memory.max":     "500\n",
				"host/cgroup/system.slice/a\\x2d[b]*.service/memory.current": "400\n",
				"host/cgroup/system.slice/a\\x2d[b]*.service/memory.stat":    "anon 300\n",
				"host/cgroup/system.slice/a\\x2d[b]x.service/memory.max":     "1\n",
			}},
			Memory{500, 400, 300}, true,
		},
		{
			"v2: a name that several groups have tells nothing",
			[]map[string]string{{
				"proc/42/cgroup": "0::/\n", "proc/42/mountinfo": mountV2 + hostsV2,
				"proc/77/cgroup":                       "0::/../../init.scope\n",
				"host/cgroup/a/init.scope/memory.max":  "1\n",
				"host/cgroup/b/init.scope/memory.max":  "2\n",
				"host/cgroup/init.scope/x/memory.stat": "anon 1\n",
			}},
			Memory{}, false,
		},
		{
			"v1: in a container with the host's groups mounted",
			[]map[string]string{{
				"proc/42/cgroup": "4:memory:/kubepods/pod1/a0\n",
				"proc/42/mountinfo": strings.Replace(mountV1, " / ", " /kubepods/pod1/a0 ", 1) +
					strings.Replace(mountV1, "/sys/fs/cgroup/memory", "/host/cgroup/memory", 1),
				"proc/77/cgroup": "4:memory:/kubepods/pod7/c0ffee\n",
				"host/cgroup/memory/memory.limit_in_bytes":                           noLimitV1,
				"host/cgroup/memory/kubepods/memory.limit_in_bytes":                  noLimitV1,
				"host/cgroup/memory/kubepods/pod7/memory.limit_in_bytes":             "700\n",
				"host/cgroup/memory/kubepods/pod7/c0ffee/memory.limit_in_bytes":      "600\n",
				"host/cgroup/memory/kubepods/pod7/c0ffee/memory.usage_in_bytes":      "500\n",
				"host/cgroup/memory/kubepods/pod7/c0ffee/memory.kmem.usage_in_bytes": "3\n",
				"host/cgroup/memory/kubepods/pod7/c0ffee/memory.stat":                "hierarchical_memory_limit 600\ntotal_rss 200\ntotal_shmem 40\n",
			}},
			Memory{600, 500, 243}, true,
		},
		{
			"v1: in a container that sees its own group alone",
			[]map[string]string{{
				"proc/42/cgroup":    "4:memory:/kubepods/pod1/a0\n",
				"proc/42/mountinfo": strings.Replace(mountV1, " / ", " /kubepods/pod1/a0 ", 1),
				"proc/77/cgroup":    "4:memory:/kubepods/pod7/c0ffee\n",
				"sys/fs/cgroup/memory/memory.limit_in_bytes": "600\n",
				"sys/fs/cgroup/memory/memory.usage_in_bytes": "500\n",
				"sys/fs/cgroup/memory/memory.stat":           "total_rss 200\n",
			}},
			Memory{}, false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{}
			for _, some := range c.files {
				for name, text := range some {
					files[name] = text
				}
			}
			got, ok, err := system(t, files).Process(77)
			if err != nil {
				t.Fatal(err)
			}
			if ok != c.ok || got != c.want {
				t.Errorf("memory is %+v (accounted: %t), want %+v (%t)", got, ok, c.want, c.ok)
			}
		})
	}
}

func TestAProcessThatIsGoneIsAnError(t *testing.T) {
	files := map[string]string{"proc/42/cgroup": "0::/\n", "proc/42/mountinfo": mountV2}
	if memory, ok, err := system(t, files).Process(77); ok || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%+v, %t, %v", memory, ok, err)
	}
}

func TestMemoryThatIsNotAccountedIsNoError(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"in the root group of v2": {
			"proc/42/cgroup":            "0::/\n",
			"proc/42/mountinfo":         mountV2,
			"sys/fs/cgroup/memory.stat": "anon 1\n",
		},
		"without the controller's mount": {
			"proc/42/cgroup":    "4:memory:/docker/c0ffee\n",
			"proc/42/mountinfo": others + cpuV1,
		},
		"without cgroups": {
			"proc/42/cgroup":    "",
			"proc/42/mountinfo": others,
		},
	} {
		if memory, ok, err := system(t, files).Self(); ok || err != nil {
			t.Errorf("%s: %+v, %t, %v", name, memory, ok, err)
		}
	}
}

func TestAnErrorNamesTheFile(t *testing.T) {
	for file, text := range map[string]string{
		"sys/fs/cgroup/app/memory.max":     "lots\n",
		"sys/fs/cgroup/app/memory.current": "",
		"sys/fs/cgroup/app/memory.stat":    "anon\n",
	} {
		files := map[string]string{
			"proc/42/cgroup":                   "0::/app\n",
			"proc/42/mountinfo":                mountV2,
			"sys/fs/cgroup/app/memory.max":     "1000\n",
			"sys/fs/cgroup/app/memory.current": "900\n",
			"sys/fs/cgroup/app/memory.stat":    "anon 800\n",
		}
		files[file] = text
		if _, _, err := system(t, files).Self(); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s holds %q: the error is %v", file, text, err)
		}
	}
}

const childVariable = "CGROUPMEM_TEST_CHILD"

// TestMain is also the main function of the process that a test puts into a group: when it is told to, it fills
// memory, reads its group, and writes what it read.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	input := bufio.NewReader(os.Stdin)
	if _, err := input.ReadString('\n'); err != nil {
		os.Exit(1)
	}
	filled := make([]byte, filledBytes)
	for i := range filled {
		filled[i] = byte(i)
	}
	memory, ok, err := Reader{Proc: "/proc"}.Self()
	if err != nil || !ok {
		fmt.Fprintln(os.Stderr, ok, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(memory); err != nil {
		os.Exit(1)
	}
	_, _ = io.Copy(io.Discard, input) // until it has been read from outside too
	runtime.KeepAlive(filled)
}

const filledBytes = 64 << 20

// makeGroup makes a group with that limit below the test's own.
func makeGroup(t *testing.T, limit uint64) (directory string) {
	t.Helper()
	own, ok, err := Reader{Proc: "/proc"}.locate(procfs.FS.Self)
	if err != nil {
		t.Fatal(err)
	}
	if ok {
		directory = filepath.Join(own.top, own.relative, "cgroupmem-test-"+strconv.Itoa(os.Getpid()))
		err = os.Mkdir(directory, 0o755)
	}
	if ok && err == nil {
		t.Cleanup(func() {
			if err := os.Remove(directory); err != nil {
				t.Error(err)
			}
		})
		err = os.WriteFile(filepath.Join(directory, own.limit), []byte(strconv.FormatUint(limit, 10)), 0o644)
	}
	if !ok || err != nil {
		t.Skipf("a memory cgroup can be made by root only, where its file system is writable and the group may have "+
			"children (%v); TestTheMemoryOfTheGroupThatWouldBeKilled holds the same on files", err)
	}
	return directory
}

func TestAProcessInARealGroupReadsItsLimitAndWhatItFills(t *testing.T) {
	const limit = 1 << 30
	directory := makeGroup(t, limit)
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(executable)
	child.Env = append(os.Environ(), childVariable+"=1")
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(directory, "cgroup.procs"), []byte(strconv.Itoa(child.Process.Pid)), 0o644); err != nil {
		t.Error(err)
	}
	if _, err := fmt.Fprintln(stdin, "go"); err != nil {
		t.Error(err)
	}
	var memory Memory
	if err := json.NewDecoder(stdout).Decode(&memory); err != nil {
		t.Error(err)
	}
	outside, ok, err := Reader{Proc: "/proc"}.Process(child.Process.Pid)
	if err != nil || !ok || outside.Limit != memory.Limit || outside.Unreclaimable < filledBytes {
		t.Errorf("from outside it is %+v, %t, %v; from inside %+v", outside, ok, err, memory)
	}
	stdin.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	if memory.Limit != limit {
		t.Errorf("the limit is %d, want %d", memory.Limit, limit)
	}
	// The two are read one after the other, and the kernel updates memory.stat late.
	if memory.Unreclaimable < filledBytes || memory.Unreclaimable > memory.Usage+4<<20 {
		t.Errorf("%d bytes are unreclaimable of %d that are used, and %d were filled", memory.Unreclaimable, memory.Usage, filledBytes)
	}
	if memory.Usage < filledBytes || memory.Usage > limit {
		t.Errorf("%d bytes are used, of a limit of %d", memory.Usage, limit)
	}
}
