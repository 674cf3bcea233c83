//go:build amd64 || arm64

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/stackpressure/goroutines/collector/internal/agent"
	"github.com/stackpressure/goroutines/collector/internal/cgroupmem"
	"github.com/stackpressure/goroutines/collector/internal/discovery"
	"github.com/stackpressure/goroutines/collector/internal/privileges"
	"github.com/stackpressure/goroutines/collector/internal/runtimeprobes"
)

// runAgent reads the processes of this host, and answers for them, until a signal to end.
func runAgent(flags agentFlags, telemetryPath string, timeoutOffset time.Duration, toolkit *web.FlagConfig, logger *slog.Logger) error {
	if err := keepPrivate(toolkit); err != nil {
		return err
	}
	if *flags.cpu <= 0 || *flags.interval <= 0 || *flags.maxProcesses < 1 {
		return fmt.Errorf("--agent.cpu, --agent.interval and --agent.max-processes have to be greater than 0")
	}
	finder, err := newFinder(flags, logger)
	if err != nil {
		return err
	}
	defer finder.Close()

	logger.Info("Starting "+name+" as the agent of this host", "version", version.Info(), "build_context", version.BuildContext())
	probes := newProbes(flags, logger)
	if probes != nil {
		defer probes.Close()
	}
	a := agent.New(agent.Options{
		Finder: finder, Probes: probes, Churn: *flags.churn, ForceTrees: *flags.forceTrees, Interval: *flags.interval, CPUShare: *flags.cpu,
		TimeoutOffset: timeoutOffset, Proc: *flags.procfs, Cgroups: cgroupmem.Reader{Proc: *flags.procfs},
		Logger: logger, Registerer: prometheus.DefaultRegisterer,
	})
	mux := newMux(telemetryPath, a)
	mux.Handle("/sd", discovery.Targets(finder.Processes, ""))
	if err := addLandingPage(mux, telemetryPath, web.LandingConfig{
		Description: "Call trees and stack memory of the Go processes of this host, as Prometheus metrics",
		Links: []web.LandingLinks{
			{Address: "/sd", Text: "Targets", Description: "the processes, as Prometheus discovers them (http_sd)"},
		},
	}); err != nil {
		return err
	}

	keepLittle(probes, logger)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Add(1)
	go func() {
		defer running.Done()
		a.Run(ctx)
	}()
	err = serve(mux, toolkit, func() { logger.Info("The agent has no configuration file to reload") }, logger)
	stop()
	running.Wait()
	return err
}

// keepPrivate makes sure that stacks of all processes are not shown to the whole network: the agent listens on loopback
// unless a web configuration asks for a login or a certificate.
func keepPrivate(toolkit *web.FlagConfig) error {
	if *toolkit.WebConfigFile != "" || *toolkit.WebSystemdSocket {
		return nil
	}
	addresses := *toolkit.WebListenAddresses
	if len(addresses) == 1 && addresses[0] == defaultAddress {
		addresses[0] = "127.0.0.1" + defaultAddress
		return nil
	}
	for _, address := range addresses {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err == nil && (host == "localhost" || ip.IsLoopback()) || strings.HasPrefix(address, "vsock:") {
			continue
		}
		return fmt.Errorf("--web.listen-address=%s would show the stacks of all Go processes of this host to anybody who can reach it: "+
			"give --web.config.file with a login or client certificates, or listen on 127.0.0.1", address)
	}
	return nil
}

func newFinder(flags agentFlags, logger *slog.Logger) (*discovery.Finder, error) {
	options := discovery.Options{
		Proc: *flags.procfs, Host: *flags.host, DockerContainers: *flags.docker, MaxProcesses: *flags.maxProcesses,
		Logger: logger, Registerer: prometheus.DefaultRegisterer,
	}
	if options.Host == "" {
		var err error
		if options.Host, err = os.Hostname(); err != nil {
			return nil, fmt.Errorf("this host has no name: give one by --agent.host: %w", err)
		}
	}
	for _, filters := range []struct {
		texts []string
		into  *[]discovery.Filter
	}{{*flags.include, &options.Include}, {*flags.exclude, &options.Exclude}} {
		for _, text := range filters.texts {
			filter, err := discovery.ParseFilter(text)
			if err != nil {
				return nil, err
			}
			*filters.into = append(*filters.into, filter)
		}
	}
	return discovery.New(options)
}

// newProbes returns nil where eBPF may not be used: the scan works without.
func newProbes(flags agentFlags, logger *slog.Logger) *runtimeprobes.Probes {
	if !*flags.uprobes {
		return nil
	}
	probes, err := runtimeprobes.New(runtimeprobes.Options{Logger: logger})
	if err != nil {
		logger.Warn("Growths of stacks, creations and exits are not counted; everything else is. --no-agent.uprobes silences this", "err", err)
		return nil
	}
	return probes
}

// keepLittle drops the privileges that reading processes does not need. The agent does without whatever cannot be dropped.
func keepLittle(probes *runtimeprobes.Probes, logger *slog.Logger) {
	report, err := privileges.Drop(privileges.Need{Probes: probes != nil, Admin: probes != nil && probes.MayNeedAdmin()})
	if err != nil {
		logger.Warn("The agent has more privileges than it needs", "err", err)
	}
	var kept []string
	for _, c := range report.Kept {
		kept = append(kept, c.Name)
	}
	logger.Info("Privileges that are kept", "capabilities", strings.Join(kept, ","))
	for _, c := range report.Missing {
		logger.Warn("A privilege is missing", "capability", c.Name, "without", c.Without)
	}
}
