package discovery

import (
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/procfs"
)

const (
	id     = "3f5a0c1e9b7d4c2a8e6f1d0b5c9a7e3f3f5a0c1e9b7d4c2a8e6f1d0b5c9a7e3f"
	nodeID = "00000000000000000000000000000000000000000000000000000000000000ff"
	uid    = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
	uid_   = "0a1b2c3d_4e5f_6789_abcd_ef0123456789" // as systemd's names have it
	static = "f0e1d2c3b4a5968778695a4b3c2d1e0f"     // of a pod from a file
)

func TestAContainersCgroupTellsItsIDAndPod(t *testing.T) {
	for name, c := range map[string]struct {
		path string
		want container
	}{
		"kubelet and containerd, systemd driver": {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + uid_ + ".slice/cri-containerd-" + id + ".scope", container{id, uid}},
		"a guaranteed pod":                       {"/kubepods.slice/kubepods-pod" + uid_ + ".slice/cri-containerd-" + id + ".scope", container{id, uid}},
		"cgroupfs driver":                        {"/kubepods/burstable/pod" + uid + "/" + id, container{id, uid}},
		"CRI-O":                                  {"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + uid_ + ".slice/crio-" + id + ".scope", container{id, uid}},
		"CRI-O, a group below that of the container":    {"/kubepods.slice/kubepods-pod" + uid_ + ".slice/crio-" + id + ".scope/container", container{id, uid}},
		"CRI-O's conmon is not in the container":        {"/kubepods.slice/kubepods-pod" + uid_ + ".slice/crio-conmon-" + id + ".scope", container{"", uid}},
		"kubelet with cri-dockerd":                      {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + uid_ + ".slice/docker-" + id + ".scope", container{id, uid}},
		"a static pod":                                  {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + static + ".slice/cri-containerd-" + id + ".scope", container{id, static}},
		"kubelet and containerd that differ in driver":  {"/system.slice/containerd.service/kubepods-burstable-pod" + uid_ + ".slice:cri-containerd:" + id, container{id, uid}},
		"a node of kind":                                {"/docker/" + nodeID + "/kubelet/kubepods/besteffort/pod" + uid + "/" + id, container{id, uid}},
		"a node of kind, systemd driver":                {"/system.slice/docker-" + nodeID + ".scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" + uid_ + ".slice/cri-containerd-" + id + ".scope", container{id, uid}},
		"the kubelet of a node of kind":                 {"/docker/" + nodeID + "/kubelet.slice/kubelet.service", container{nodeID, ""}},
		"Docker in a pod":                               {"/kubepods/burstable/pod" + uid + "/" + nodeID + "/docker/" + id, container{id, uid}},
		"Docker, cgroupfs driver":                       {"/docker/" + id, container{id, ""}},
		"Docker, systemd driver":                        {"/system.slice/docker-" + id + ".scope", container{id, ""}},
		"Podman":                                        {"/machine.slice/libpod-" + id + ".scope/container", container{id, ""}},
		"Podman of a user":                              {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope", container{id, ""}},
		"Podman's conmon":                               {"/machine.slice/libpod-conmon-" + id + ".scope", container{}},
		"nerdctl":                                       {"/system.slice/nerdctl-" + id + ".scope", container{id, ""}},
		"ECS":                                           {"/ecs/0123456789abcdef0123456789abcdef/" + id, container{id, ""}},
		"a pod beside the agent's own cgroup namespace": {"/../../kubepods-pod" + uid_ + ".slice/cri-containerd-" + id + ".scope", container{id, uid}},
		"a service":                                     {"/system.slice/prometheus.service", container{}},
		"the root":                                      {"/", container{}},
		"too few digits":                                {"/docker/" + id[1:], container{}},
		"too many digits":                               {"/docker/0" + id, container{}},
		"a name that only looks like a pod's":           {"/kubepods/tripod" + uid + "/x", container{}},
		"a path that no kernel has":                     {"/docker/" + id + strings.Repeat("/x", 3000), container{}},
	} {
		if got := containerOf(c.path); got != c.want {
			t.Errorf("%s: %s\nis %+v,\nwant %+v", name, c.path, got, c.want)
		}
	}
}

func TestTheMemoryControllersCgroupIsTheProcesss(t *testing.T) {
	for _, c := range []struct {
		groups []procfs.Cgroup
		path   string
		id     string
	}{
		{[]procfs.Cgroup{{HierarchyID: 5, Controllers: []string{"cpu", "cpuacct"}, Path: "/a"}, {HierarchyID: 0, Path: "/c"}, {HierarchyID: 4, Controllers: []string{"memory"}, Path: "/b"}}, "/b", ""},
		{[]procfs.Cgroup{{HierarchyID: 1, Controllers: []string{"name=systemd"}, Path: "/s"}, {HierarchyID: 0, Path: "/c"}}, "/c", ""},
		// A v1 host where the memory controller is off: systemd's hierarchy knows the container.
		{[]procfs.Cgroup{{HierarchyID: 0, Path: "/"}, {HierarchyID: 1, Controllers: []string{"name=systemd"}, Path: "/docker/" + id}}, "/", id},
		{nil, "", ""},
	} {
		path, container := groupsOf(c.groups)
		if path != c.path || container.id != c.id {
			t.Errorf("%+v: path %q, container %q; want %q, %q", c.groups, path, container.id, c.path, c.id)
		}
	}
}

func FuzzContainerOf(f *testing.F) {
	f.Add("/kubepods/burstable/pod", uid, "/"+id)
	f.Add("/system.slice/", "docker-", id+".scope")
	f.Add("/../..", "\xff:", "cri-containerd:"+id)
	anID, aUID := regexp.MustCompile(`^(?:[0-9a-f]{64})?$`), regexp.MustCompile(`^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$`)
	f.Fuzz(func(t *testing.T, a, b, c string) {
		path := a + b + c
		got := containerOf(path)
		if !anID.MatchString(got.id) || !aUID.MatchString(got.podUID) {
			t.Errorf("%q: %+v has an id or a UID that is none", path, got)
		}
		if !strings.Contains(path, got.id) || !strings.Contains(strings.ReplaceAll(path, "_", "-"), got.podUID) {
			t.Errorf("%q: %+v is not in it", path, got)
		}
		// A group that a container makes for itself leaves it the same container.
		if below := path + "/init.scope"; len(below) <= maxCgroup && containerOf(below) != got {
			t.Errorf("%q: %+v, but %+v in a group below", path, got, containerOf(below))
		}
	})
}
