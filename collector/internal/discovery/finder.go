package discovery

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// Options are what the command line decides. Their zero values, where nothing else is said, are what a host has.
type Options struct {
	Proc string // where procfs is mounted: "/proc"
	// KubeletContainers and KubeletPods are the kubelet's log folders: "/var/log/containers" and "/var/log/pods". They need
	// not be there.
	KubeletContainers, KubeletPods string
	// DockerContainers is the folder of Docker's containers, /var/lib/docker/containers, which root alone may read. Without
	// it, which is the default, containers of plain Docker have an id, but no name.
	DockerContainers string
	// Host is the first part of the label instance: the host's name.
	Host string
	// Include and Exclude say which processes are wanted: those that any Include matches, or all without one, and that no
	// Exclude does.
	Include, Exclude []Filter
	// Self is true if the process that runs the finder is wanted too.
	Self bool
	// MaxProcesses is how many Go processes are known at most, each with a file open: 1,000.
	MaxProcesses int
	Logger       *slog.Logger          // slog.Default()
	Registerer   prometheus.Registerer // for the finder's own metrics; nil for none
}

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		option *string
		value  string
	}{
		{&o.Proc, "/proc"},
		{&o.KubeletContainers, "/var/log/containers"},
		{&o.KubeletPods, "/var/log/pods"},
	} {
		if *d.option == "" {
			*d.option = d.value
		}
	}
	if o.MaxProcesses == 0 {
		o.MaxProcesses = 1000
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.Host = clean(o.Host, maxName)
	return o
}

// reason is why a process that may be Go's is left out, as the label reason has it.
type reason string

const (
	denied     reason = "denied"             // no right to look at the process
	fileDenied reason = "file_denied"        // no right to read its executable
	tooMany    reason = "too_many_processes" // MaxProcesses
	stuck      reason = "stuck"              // its executable's file system does not answer
	unreadable reason = "unreadable"         // anything else
)

var reasons = []reason{denied, fileDenied, tooMany, stuck, unreadable}

// advice is what is logged when a process is left out for that reason and none has been before.
var advice = map[reason]string{
	denied: "processes of other users need CAP_SYS_PTRACE (systemd: AmbientCapabilities, Kubernetes and Docker: add the " +
		"capability SYS_PTRACE), and where AppArmor or SELinux confine containers, a profile that lets ptrace through " +
		"(Kubernetes: appArmorProfile Unconfined)",
	fileDenied: "executables that others may not read need CAP_DAC_READ_SEARCH",
	tooMany:    "raise the limit on processes, or leave some out by filters",
	stuck:      "see whether the file system of the executable, on a network or by FUSE, still answers",
	unreadable: "see the error",
}

// metrics are the finder's own.
type metrics struct {
	processes *prometheus.GaugeVec
	errors    *prometheus.CounterVec
	duration  prometheus.Gauge
}

// What becomes of a process.
const (
	stateKept     = "kept"     // a Go process that is served
	stateFiltered = "filtered" // a Go process that the filters leave out
	stateOther    = "other"    // not a Go process, or one that could not be looked at
)

var states = []string{stateKept, stateFiltered, stateOther}

func newMetrics(registerer prometheus.Registerer) metrics {
	m := metrics{
		processes: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "goroutine_stack_exporter_processes",
			Help: "Processes of the host that have an executable, by what they are: Go's and kept, Go's but filtered out, or other.",
		}, []string{"state"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "goroutine_stack_exporter_discovery_errors_total",
			Help: "Processes that could not be looked at, by reason.",
		}, []string{"reason"}),
		duration: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "goroutine_stack_exporter_discovery_duration_seconds",
			Help: "How long it took to list the host's processes last.",
		}),
	}
	for _, state := range states {
		m.processes.WithLabelValues(state)
	}
	for _, reason := range reasons {
		m.errors.WithLabelValues(string(reason))
	}
	if registerer != nil {
		registerer.MustRegister(m.processes, m.errors, m.duration)
	}
	return m
}
