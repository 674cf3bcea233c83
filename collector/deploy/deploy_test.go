package deploy

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/stackpressure/goroutines/collector/internal/privileges"
)

const (
	unitFile    = "goroutine_stack_exporter-agent.service"
	composeFile = "../../docker-compose.yaml"
)

// capabilities are those that the agent keeps, as Kubernetes and Docker write them: without CAP_.
func capabilities() (names []string) {
	for _, c := range privileges.Capabilities(privileges.Need{Probes: true}, true) {
		names = append(names, strings.TrimPrefix(c.Name, "CAP_"))
	}
	return names
}

// unit is the lines of a systemd unit: several of a name add to each other.
type unit map[string][]string

func readUnit(t *testing.T) unit {
	t.Helper()
	u := unit{}
	for _, line := range strings.Split(string(readFile(t, unitFile)), "\n") {
		if name, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			u[name] = append(u[name], value)
		}
	}
	return u
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// service is what of Compose's concerns the agent.
type service struct {
	Command     []string
	CapAdd      []string `yaml:"cap_add"`
	CapDrop     []string `yaml:"cap_drop"`
	Cgroup      string
	NetworkMode string `yaml:"network_mode"`
	PID         string
	Privileged  bool
	ReadOnly    bool     `yaml:"read_only"`
	SecurityOpt []string `yaml:"security_opt"`
	User        string
	Volumes     []string
}

func readService(t *testing.T) service {
	t.Helper()
	var compose struct{ Services map[string]service }
	if err := yaml.Unmarshal(readFile(t, composeFile), &compose); err != nil {
		t.Fatal(err)
	}
	return compose.Services["agent"]
}

// pod is what of a DaemonSet's pods concerns the agent.
type pod struct {
	HostPID                      bool `yaml:"hostPID"`
	HostNetwork                  bool `yaml:"hostNetwork"`
	HostIPC                      bool `yaml:"hostIPC"`
	AutomountServiceAccountToken bool `yaml:"automountServiceAccountToken"`
	Tolerations                  []map[string]string
	Containers                   []struct {
		Args            []string
		SecurityContext struct {
			RunAsUser                int `yaml:"runAsUser"`
			Privileged               bool
			AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
			Capabilities             struct{ Add, Drop []string }
			SeccompProfile           struct{ Type string } `yaml:"seccompProfile"`
			AppArmorProfile          struct{ Type string } `yaml:"appArmorProfile"`
		} `yaml:"securityContext"`
		VolumeMounts []struct {
			Name      string
			MountPath string `yaml:"mountPath"`
			ReadOnly  bool   `yaml:"readOnly"`
		} `yaml:"volumeMounts"`
		Resources struct{ Limits, Requests map[string]string }
	}
	Volumes []struct {
		Name     string
		HostPath struct{ Path string } `yaml:"hostPath"`
	}
}

func readPod(t *testing.T) pod {
	t.Helper()
	file, err := os.Open("daemonset.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for documents := yaml.NewDecoder(file); ; {
		var document struct {
			Kind string
			Spec struct{ Template struct{ Spec pod } }
		}
		if err := documents.Decode(&document); errors.Is(err, io.EOF) {
			t.Fatal("there is no DaemonSet in daemonset.yaml")
		} else if err != nil {
			t.Fatal(err)
		}
		if document.Kind == "DaemonSet" {
			return document.Spec.Template.Spec
		}
	}
}

func TestTheAgentIsGivenTheCapabilitiesThatItKeepsAndNoOthers(t *testing.T) {
	want := capabilities()
	u, p, s := readUnit(t), readPod(t), readService(t)
	var systemd []string
	for _, name := range want {
		systemd = append(systemd, "CAP_"+name)
	}
	for _, setting := range []string{"AmbientCapabilities", "CapabilityBoundingSet"} {
		if got := strings.Fields(strings.Join(u[setting], " ")); !slices.Equal(got, systemd) {
			t.Errorf("%s: %s is %v, want %v", unitFile, setting, got, systemd)
		}
	}
	kubernetes := p.Containers[0].SecurityContext.Capabilities
	if !slices.Equal(kubernetes.Add, want) || !slices.Equal(kubernetes.Drop, []string{"ALL"}) {
		t.Errorf("daemonset.yaml: capabilities are %+v, want %v added to none", kubernetes, want)
	}
	if !slices.Equal(s.CapAdd, want) || !slices.Equal(s.CapDrop, []string{"ALL"}) {
		t.Errorf("%s: cap_add %v and cap_drop %v, want %v added to none", composeFile, s.CapAdd, s.CapDrop, want)
	}
}

func TestThePodHasNoMoreOfItsNodeThanItNeeds(t *testing.T) {
	p := readPod(t)
	if !p.HostPID {
		t.Error("without hostPID it finds no other processes")
	}
	if p.HostNetwork || p.HostIPC || p.AutomountServiceAccountToken {
		t.Errorf("it has the node's network or IPC, or a token of the API server: %+v", p)
	}
	if len(p.Containers) != 1 {
		t.Fatalf("it has %d containers", len(p.Containers))
	}
	c := p.Containers[0]
	security := c.SecurityContext
	if security.Privileged || !security.ReadOnlyRootFilesystem || security.AllowPrivilegeEscalation == nil || *security.AllowPrivilegeEscalation {
		t.Errorf("its security context is %+v", security)
	}
	if security.SeccompProfile.Type == "" || security.SeccompProfile.Type == "Unconfined" {
		t.Errorf("its seccomp profile is %q", security.SeccompProfile.Type)
	}
	if security.AppArmorProfile.Type != "Unconfined" {
		t.Errorf("its AppArmor profile is %q, and others keep it from other containers' processes", security.AppArmorProfile.Type)
	}
	if c.Resources.Limits["memory"] == "" || c.Resources.Requests["memory"] == "" {
		t.Errorf("its resources are %+v", c.Resources)
	}
	if !slices.ContainsFunc(p.Tolerations, func(of map[string]string) bool { return of["operator"] == "Exists" && of["key"] == "" }) {
		t.Error("it does not run on nodes with taints")
	}
	for _, mount := range c.VolumeMounts {
		if !mount.ReadOnly {
			t.Errorf("it may write to %s", mount.MountPath)
		}
	}
	var ofHost []string
	for _, volume := range p.Volumes {
		if volume.HostPath.Path != "" {
			ofHost = append(ofHost, volume.HostPath.Path)
		}
	}
	if !slices.Equal(ofHost, []string{"/var/log/pods", "/var/log/containers", "/sys/fs/cgroup"}) {
		t.Errorf("it sees %v of the node", ofHost)
	}
}

func TestTheDockerServiceHasNoMoreOfItsHostThanItNeeds(t *testing.T) {
	s := readService(t)
	if s.PID != "host" || s.Cgroup != "host" || s.User != "0:0" {
		t.Errorf("it does not see the host's processes and groups, or is not root: %+v", s)
	}
	if s.Privileged || !s.ReadOnly || s.NetworkMode == "host" || len(s.Volumes) != 0 {
		t.Errorf("it has more than it needs: %+v", s)
	}
	for _, option := range []string{"no-new-privileges:true", "seccomp:./collector/deploy/seccomp.json", "apparmor:unconfined"} {
		if !slices.Contains(s.SecurityOpt, option) {
			t.Errorf("security_opt is %v, without %s", s.SecurityOpt, option)
		}
	}
}

func TestTheServiceIsConfined(t *testing.T) {
	u := readUnit(t)
	for setting, want := range map[string]string{
		"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateDevices": "yes",
		"ProtectKernelTunables": "yes", "ProtectKernelModules": "yes", "ProtectControlGroups": "yes", "RestrictNamespaces": "yes",
		"MemoryDenyWriteExecute": "yes", "SystemCallArchitectures": "native", "SystemCallErrorNumber": "EPERM",
		// Which would hide what it is there to see.
		"ProtectProc": "default", "ProcSubset": "all", "PrivateUsers": "no",
	} {
		if got := strings.Join(u[setting], " "); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
}

// What no agent needs, and what takes other processes over or goes around the filters.
var (
	neverCalled = []string{
		"ptrace", "process_vm_writev", "process_madvise", "process_mrelease", "pidfd_getfd", "kcmp", "userfaultfd", "memfd_create",
		"open_by_handle_at", "name_to_handle_at", "io_uring_setup", "io_uring_enter", "io_uring_register", "setns", "unshare",
		"migrate_pages", "move_pages", "personality",
	}
	systemdLeavesOut = []string{"mount", "umount2", "pivot_root", "chroot", "init_module", "finit_module", "kexec_load", "reboot", "iopl"}
	called           = []string{"process_vm_readv", "bpf", "perf_event_open", "pidfd_open", "seccomp", "capset", "prctl", "openat", "execve"}
)

func TestTheSystemdFilterTakesAwayWhatTheAgentNeverCalls(t *testing.T) {
	allowed, deniedToo := map[string]bool{}, map[string]bool{}
	for _, filter := range readUnit(t)["SystemCallFilter"] {
		names, denies := strings.CutPrefix(filter, "~")
		for _, name := range strings.Fields(names) {
			if denies {
				deniedToo[name] = true
			} else {
				allowed[name] = true
			}
		}
	}
	for _, name := range neverCalled {
		if !deniedToo[name] {
			t.Errorf("%s is not denied", name)
		}
	}
	// @system-service has the rest of what is called.
	for _, name := range []string{"@system-service", "bpf", "perf_event_open", "process_vm_readv", "seccomp"} {
		if !allowed[name] || deniedToo[name] {
			t.Errorf("%s is not allowed", name)
		}
	}
}

func TestTheSeccompProfileAllowsWhatTheAgentCallsAlone(t *testing.T) {
	var profile struct {
		DefaultAction   string
		DefaultErrnoRet int
		Architectures   []string
		Syscalls        []struct {
			Names    []string
			Action   string
			ErrnoRet int
			Args     []map[string]any
			Includes map[string]any
		}
	}
	if err := json.Unmarshal(readFile(t, "seccomp.json"), &profile); err != nil {
		t.Fatal(err)
	}
	if profile.DefaultAction != "SCMP_ACT_ERRNO" || profile.DefaultErrnoRet != 1 {
		t.Errorf("what is not in it gets %s %d, want EPERM", profile.DefaultAction, profile.DefaultErrnoRet)
	}
	if len(profile.Architectures) != 0 {
		t.Errorf("it lets calls of %v in: without a list, the machine's own alone", profile.Architectures)
	}
	allowed := map[string]bool{}
	seen := map[string]bool{}
	for _, group := range profile.Syscalls {
		if len(group.Includes) != 0 {
			t.Errorf("%v depend on %v, which Kubernetes does not read", group.Names, group.Includes)
		}
		for _, name := range group.Names {
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
			allowed[name] = group.Action == "SCMP_ACT_ALLOW"
			if name == "clone" && len(group.Args) == 0 {
				t.Error("clone may make namespaces")
			}
			if !allowed[name] && group.ErrnoRet != 38 {
				t.Errorf("%s fails with %d, want ENOSYS, at which callers fall back", name, group.ErrnoRet)
			}
		}
	}
	for _, name := range called {
		if !allowed[name] {
			t.Errorf("%s is not allowed", name)
		}
	}
	for _, name := range slices.Concat(neverCalled, systemdLeavesOut, []string{"clone3", "openat2", "keyctl", "mkdirat", "unlinkat", "renameat2"}) {
		if allowed[name] {
			t.Errorf("%s is allowed", name)
		}
	}
}

func TestTheExporterHasTheFlagsThatItIsStartedWith(t *testing.T) {
	exporter := exec.Command("go", "run", "../cmd/goroutine_stack_exporter", "--help")
	exporter.Env = append(os.Environ(), "CGO_ENABLED=0")
	help, err := exporter.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, help)
	}
	flag := regexp.MustCompile(`--[a-z][a-z.-]*`)
	known := flag.FindAllString(strings.ReplaceAll(string(help), "--[no-]", "--"), -1)
	started := slices.Concat(readUnit(t)["ExecStart"], readPod(t).Containers[0].Args, readService(t).Command)
	if len(started) < 3 {
		t.Fatalf("the test is void: it is started with %v", started)
	}
	for _, argument := range started {
		for _, name := range flag.FindAllString(argument, -1) {
			if !slices.Contains(known, name) {
				t.Errorf("there is no flag %s, with which it is started: %s", name, argument)
			}
		}
	}
}

func TestPromtoolAcceptsTheScrapeConfiguration(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool, which checks it, comes with Prometheus")
	}
	if output, err := exec.Command(promtool, "check", "config", "scrape.yml").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestSystemdAcceptsTheUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze, which checks it, comes with systemd")
	}
	output, _ := exec.Command(analyze, "verify", "./"+unitFile).CombinedOutput()
	for _, line := range strings.Split(strings.TrimSpace(string(output)), "\n") {
		// The exporter need not be installed where the test runs; and about other units it says something too.
		if strings.Contains(line, unitFile) && !strings.Contains(line, "is not executable") {
			t.Error(line)
		}
	}
}
