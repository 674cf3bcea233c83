package discovery

import (
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/procfs"
)

// container is what a cgroup's path says of the container in it: either may be "".
type container struct {
	id     string // 64 hexadecimal digits
	podUID string // as Kubernetes writes it: a UUID with dashes, or 32 hexadecimal digits of a static pod
}

var (
	// A container's group has its id, alone (cgroupfs) or behind the runtime's name (systemd):
	//
	//	…/c0ffee…
	//	…/docker-c0ffee….scope, cri-containerd-, crio-, libpod-, nerdctl-
	//	…/kubepods-burstable-pod….slice:cri-containerd:c0ffee…   where kubelet and containerd differ in the driver
	idElement = regexp.MustCompile(`^(?:(.*)[-:])?([0-9a-f]{64})(?:\.scope)?$`)
	// A pod's group has its UID, in systemd's names with _ in the place of -, which there means a level:
	//
	//	kubepods/burstable/pod01234567-89ab-cdef-0123-456789abcdef
	//	kubepods-burstable-pod01234567_89ab_cdef_0123_456789abcdef.slice
	podElement = regexp.MustCompile(`(?:^|-)pod([0-9a-f]{8}([-_])[0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?::.*)?$`)
)

// maxCgroup is in bytes: the kernel's paths have at most PATH_MAX.
const maxCgroup = 4096

// containerOf finds the innermost container in the path of a cgroup, and the innermost pod: a node of kind is a container
// that has pods, and a pod may run Docker.
func containerOf(path string) (c container) {
	if len(path) > maxCgroup {
		return container{}
	}
	for _, element := range strings.Split(path, "/") {
		if match := podElement.FindStringSubmatch(element); match != nil {
			c = container{podUID: strings.ReplaceAll(match[1], "_", "-")}
		}
		// conmon watches a container of Podman or CRI-O, and is not in it.
		if match := idElement.FindStringSubmatch(element); match != nil && !strings.HasSuffix(match[1], "conmon") {
			c.id = match[2]
		}
	}
	return c
}

// groupsOf is the path of a process's cgroup that Process.Cgroup documents, and its container, which any of its cgroups
// may tell.
func groupsOf(groups []procfs.Cgroup) (path string, c container) {
	// In this order: the memory controller's of v1, the one of v2, systemd's.
	rank := func(g procfs.Cgroup) int {
		switch {
		case slices.Contains(g.Controllers, "memory"):
			return 0
		case g.HierarchyID == 0:
			return 1
		case slices.Contains(g.Controllers, "name=systemd"):
			return 2
		}
		return 3
	}
	groups = slices.Clone(groups)
	slices.SortStableFunc(groups, func(a, b procfs.Cgroup) int { return rank(a) - rank(b) })
	for i, g := range groups {
		if i == 0 {
			path = clean(g.Path, maxCgroup)
		}
		if c == (container{}) {
			c = containerOf(g.Path)
		}
	}
	return path, c
}
