// Command goroutine_stack_exporter is a Prometheus exporter in the multi-target pattern: at /probe?target=host:port it
// reads the goroutine profile that an unmodified Go program serves under /debug/pprof, and answers with its call tree
// as metrics. With --agent, it finds the Go processes of its host instead, reads their goroutines from outside, and
// answers for each at /probe?process=PID-STARTTIME. Its commands top and snapshot show one process.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/client_golang/prometheus"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/common/promslog/flag"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/stackpressure/goroutines/collector/internal/config"
	"github.com/stackpressure/goroutines/collector/internal/probe"
)

const name = "goroutine_stack_exporter"

// defaultAddress is where the exporter listens unless told otherwise. The agent listens on loopback alone.
const defaultAddress = ":9979"

// shutdownTimeout is how long probes under way may still take after a signal to end.
const shutdownTimeout = 10 * time.Second

func main() {
	if len(os.Args) > 1 {
		if command, ok := commands[os.Args[1]]; ok {
			command(os.Args[2:])
			return
		}
	}
	export()
}

// export is the command without a name: the exporter.
func export() {
	app := kingpin.New(name, "Reads goroutine profiles of Go programs over HTTP, or with --agent the goroutines of all Go processes of this host, "+
		"and answers with call trees as metrics.\n\nOther commands, each with a --help of its own:\n\n"+
		"  "+name+" top        shows the goroutines of one process of this host, as top does processes\n\n"+
		"  "+name+" snapshot   writes them as a profile for go tool pprof").
		UsageWriter(os.Stdout)
	app.Version(version.Print(name))
	app.HelpFlag.Short('h')
	var (
		configFile    = app.Flag("config.file", "Which targets may be probed, and how. Without it, only this host.").PlaceHolder("FILE").String()
		configCheck   = app.Flag("config.check", "Check the configuration file, and end.").Bool()
		telemetryPath = app.Flag("web.telemetry-path", "Path of the exporter's own metrics.").Default("/metrics").String()
		timeoutOffset = app.Flag("probe.timeout-offset", "Part of Prometheus' scrape time-out that is left for the answer.").Default("0.5s").Duration()
		cacheLifetime = app.Flag("probe.cache-lifetime", "Greatest age of a profile that answers a probe, so that replicas of Prometheus share it. "+
			"Never more than the scrape time-out less the offset. 0s reads a profile for each probe.").Default("10s").Duration()
		maxTargets = app.Flag("probe.max-targets", "How many targets may be probed within 15 minutes.").Default("1000").Int()
		agentFlags = addAgentFlags(app)
		toolkit    = kingpinflag.AddFlags(app, defaultAddress)
		logConfig  = &promslog.Config{}
	)
	flag.AddFlags(app, logConfig)
	kingpin.MustParse(app.Parse(os.Args[1:]))
	if *maxTargets < 1 || *timeoutOffset < 0 || *cacheLifetime < 0 {
		app.Fatalf("--probe.max-targets has to be at least 1, and the times at least 0")
	}
	logger := promslog.New(logConfig)

	prometheus.MustRegister(versioncollector.NewCollector(name))
	if *agentFlags.agent {
		if *configFile != "" {
			app.Fatalf("--config.file says which targets may be probed over HTTP; --agent probes none")
		}
		if err := runAgent(agentFlags, *telemetryPath, *timeoutOffset, toolkit, logger); err != nil {
			logger.Error("The agent ended", "err", err)
			os.Exit(1)
		}
		return
	}
	c := &configuration{
		file:   *configFile,
		logger: logger,
		prober: probe.New(probe.Options{
			CacheLifetime: *cacheLifetime,
			TimeoutOffset: *timeoutOffset,
			MaxTargets:    *maxTargets,
			Logger:        logger,
			Registerer:    prometheus.DefaultRegisterer,
		}),
		reloadSuccess: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: name + "_config_last_reload_successful",
			Help: "Whether the last attempt to load the configuration succeeded.",
		}),
		reloadTime: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: name + "_config_last_reload_success_timestamp_seconds",
			Help: "When the configuration in use was loaded, as Unix time.",
		}),
	}
	prometheus.MustRegister(c.reloadSuccess, c.reloadTime)
	if err := c.load(); err != nil {
		logger.Error("The configuration cannot be used", "err", err)
		os.Exit(1)
	}
	if *configCheck {
		logger.Info("The configuration is valid", "file", *configFile)
		return
	}

	logger.Info("Starting "+name, "version", version.Info(), "build_context", version.BuildContext())
	handler, err := newHandler(c, *telemetryPath)
	if err != nil {
		logger.Error("The landing page cannot be made", "err", err)
		os.Exit(1)
	}
	if err := serve(handler, toolkit, func() { _ = c.reload() }, logger); err != nil {
		logger.Error("The HTTP server ended", "err", err)
		os.Exit(1)
	}
}

// serve answers requests until a signal to end, and calls hangUp at each SIGHUP.
func serve(handler http.Handler, toolkit *web.FlagConfig, hangUp func(), logger *slog.Logger) error {
	// Before anybody can see that the exporter runs, as a signal that nobody waits for ends it.
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	end, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	// A client that has sent no header for 10 s, Prometheus' default scrape time-out, will not.
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- web.ListenAndServe(server, toolkit, logger) }()

	for {
		select {
		case <-reload:
			hangUp()
		case err := <-served:
			return err
		case <-end.Done():
			stop() // a second signal ends the process at once
			logger.Info("Ending, when probes under way are answered", "at_most", shutdownTimeout)
			ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
			defer cancel()
			if err := server.Shutdown(ctx); err != nil {
				return fmt.Errorf("probes were still under way after %s: %w", shutdownTimeout, err)
			}
			return nil
		}
	}
}

// configuration is the file, and who uses what is in it.
type configuration struct {
	file          string // "" for none
	logger        *slog.Logger
	prober        *probe.Prober
	reloadSuccess prometheus.Gauge
	reloadTime    prometheus.Gauge
	mu            sync.Mutex // of load
}

// load reads the file. If it returns an error, the configuration that was in use before stays so.
func (c *configuration) load() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	loaded := config.Loopback()
	var err error
	if c.file != "" {
		loaded, err = config.Load(c.file)
	}
	if err == nil {
		err = c.prober.Apply(loaded)
	}
	if err != nil {
		c.reloadSuccess.Set(0)
		return err
	}
	c.reloadSuccess.Set(1)
	c.reloadTime.SetToCurrentTime()
	return nil
}

func (c *configuration) reload() error {
	err := c.load()
	if err != nil {
		c.logger.Error("The configuration was not reloaded; the one before is still in use", "err", err)
	} else {
		c.logger.Info("The configuration was reloaded", "file", c.file)
	}
	return err
}

func newHandler(c *configuration, telemetryPath string) (http.Handler, error) {
	mux := newMux(telemetryPath, c.prober)
	mux.HandleFunc("/-/reload", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "reload with a POST request", http.StatusMethodNotAllowed)
			return
		}
		if err := c.reload(); err != nil {
			http.Error(w, "the configuration was not reloaded: "+err.Error(), http.StatusInternalServerError)
		}
	})
	return mux, addLandingPage(mux, telemetryPath, web.LandingConfig{
		Description: "Call trees of live goroutines as Prometheus metrics",
		Form: web.LandingForm{
			Action: "probe",
			Inputs: []web.LandingFormInput{
				{Label: "Target", Type: "text", Name: "target", Placeholder: "host:port", Value: "localhost:9979"},
				{Label: "Module", Type: "text", Name: "module", Placeholder: "module", Value: config.DefaultModule},
				{Label: "Debug", Type: "text", Name: "debug", Placeholder: "true or false", Value: "true"},
			},
		},
	})
}

// newMux serves what the exporter has in each of its modes.
func newMux(telemetryPath string, probe http.Handler) *http.ServeMux {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: name + "_probe_requests_total",
		Help: "Requests to /probe by HTTP status: 400, 403 and 404 are those that name nothing that may be probed.",
	}, []string{"code"})
	prometheus.MustRegister(requests)

	mux := http.NewServeMux()
	mux.Handle("/probe", promhttp.InstrumentHandlerCounter(requests, probe))
	mux.Handle(telemetryPath, promhttp.Handler())
	mux.HandleFunc("/-/healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Healthy") })
	// The landing page links to these, and they make the exporter a target of its own.
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// addLandingPage adds the page at /, unless the telemetry path is that.
func addLandingPage(mux *http.ServeMux, telemetryPath string, page web.LandingConfig) error {
	if telemetryPath == "/" {
		return nil
	}
	page.Name, page.Version = name, version.Info()
	page.Links = append([]web.LandingLinks{{Address: telemetryPath, Text: "Metrics", Description: "of the exporter itself"}}, page.Links...)
	landing, err := web.NewLandingPage(page)
	if err != nil {
		return err
	}
	mux.Handle("/", landing)
	return nil
}
