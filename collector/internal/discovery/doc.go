// Package discovery finds the Go processes of a Linux host in /proc, and tells who they are.
//
//	finder_linux.go  which processes there are: what is new is inspected, what is known costs a system call or two
//	stat.go          /proc/PID/stat: a process's start, and whether it has run exec since
//	executable.go    is this file a Go program: build information, read within limits
//	command.go       the name that a process goes by
//	cgroup.go        container id and pod UID, from a cgroup's path
//	kubelet.go       names of pods and containers, from the kubelet's log folders; docker.go the same of Docker
//	filter.go        which processes are wanted
//	targets.go       the list of targets that Prometheus reads (http_sd)
//
// Nothing is executed, no process is stopped, and nobody is trusted: an executable may be any file, a cgroup may have any
// name, and a process may be gone, or be another program, at any time.
//
// # Labels
//
// A process has the labels of the table, as far as they are known:
//
//	instance      host:command:pid, the pid as /proc has it: the host's, if the finder runs in the host's PID namespace
//	namespace     \
//	pod            } as cAdvisor's and kube-state-metrics' labels of these names
//	container     /  (of plain Docker: the container's name, which is cAdvisor's label name)
//	container_id  64 hexadecimal digits. kube_pod_container_info has them as container_id="containerd://…", cAdvisor as the
//	              end of its label id: label_replace(container_memory_working_set_bytes,
//	              "container_id", "$1", "id", ".*([0-9a-f]{64}).*")
package discovery
