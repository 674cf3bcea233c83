package main

import (
	"time"

	"github.com/alecthomas/kingpin/v2"
)

// agentFlags are the flags that --agent has.
type agentFlags struct {
	agent            *bool
	include, exclude *[]string
	host             *string
	uprobes, churn   *bool
	forceTrees       *bool
	interval         *time.Duration
	cpu              *float64
	maxProcesses     *int
	procfs           *string
	docker           *string
}

func addAgentFlags(app *kingpin.Application) agentFlags {
	return agentFlags{
		agent: app.Flag("agent", "Read the goroutines of all Go processes of this host from outside, instead of probing targets. Prometheus finds them at /sd.").Bool(),
		include: app.Flag("agent.include", "Only processes that match. Repeatable. REGEX by the executable's name, cgroup:REGEX, or "+
			"label:KEY=REGEX with KEY one of namespace, pod, container, container_id.").PlaceHolder("FILTER").Strings(),
		exclude:    app.Flag("agent.exclude", "No processes that match. Repeatable.").PlaceHolder("FILTER").Strings(),
		host:       app.Flag("agent.host", "Name of this host in the label instance, host:command:pid. The host's own unless set.").PlaceHolder("NAME").String(),
		uprobes:    app.Flag("agent.uprobes", "Count growths of stacks by eBPF uprobes. Needs Linux 5.8 and CAP_BPF and CAP_PERFMON; without them, only this is missing.").Default("true").Bool(),
		churn:      app.Flag("agent.churn", "Count creations and exits of goroutines too, for 100 ms out of each 10 s.").Bool(),
		forceTrees: app.Flag("agent.force-trees", "Export the call trees of programs too that export them by our library.").Bool(),
		interval:   app.Flag("agent.interval", "Least time between two readings of a process.").Default("5s").Duration(),
		cpu: app.Flag("agent.cpu", "Share of one processor that the agent may use on average: large processes, or many, are then read less often.").
			Default("0.02").Float64(),
		maxProcesses: app.Flag("agent.max-processes", "How many processes are read.").Default("1000").Int(),
		procfs:       app.Flag("path.procfs", "Where procfs is mounted.").Default("/proc").String(),
		docker:       app.Flag("path.docker-containers", "Docker's folder of containers, /var/lib/docker/containers, for their names. Without it, they have an id alone.").PlaceHolder("FOLDER").String(),
	}
}
