package probe

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/stackpressure/goroutines/collector/internal/config"
	"github.com/stackpressure/goroutines/collector/internal/scrape"
)

// Options are what the command line decides.
type Options struct {
	// CacheLifetime is how old a profile may be that answers a probe. It is also never older than the scrape's
	// time-out, which Prometheus keeps within the scrape interval: so replicas share a profile, while no replica gets
	// the same profile at two scrapes.
	CacheLifetime time.Duration
	// TimeoutOffset is what is left of Prometheus' scrape time-out to answer it.
	TimeoutOffset time.Duration
	// MaxTargets is for how many targets there is room.
	MaxTargets int
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Prober is the HTTP handler of /probe. [Prober.Apply] has to be called before its first request.
type Prober struct {
	options     Options
	metrics     metrics
	modules     atomic.Pointer[map[string]*module]
	largeBodies chan struct{}
	parses      chan struct{}

	mu      sync.Mutex
	targets map[key]*state
	swept   time.Time
}

// New returns a Prober whose metrics are registered with the options' Registerer.
func New(options Options) *Prober {
	p := &Prober{
		options:     options,
		largeBodies: make(chan struct{}, largeBodies),
		parses:      make(chan struct{}, parses),
		targets:     map[key]*state{},
		swept:       time.Now(),
	}
	p.metrics = newMetrics(options.Registerer, p)
	return p
}

// Apply makes the configuration the one that new probes use. If it returns an error, nothing has changed.
func (p *Prober) Apply(c *config.Config) error {
	modules := map[string]*module{}
	for name, m := range c.Modules {
		module, err := newModule(name, m)
		if err != nil {
			return err
		}
		modules[name] = module
	}
	p.modules.Store(&modules)
	return nil
}

// ServeHTTP answers /probe?target=host:port[&module=name][&debug=true].
//
//	400   the request cannot be meant: no target, one that is not host:port, a module that does not exist
//	403   the module does not allow the target
//	200   anything else: probe_success tells whether the target's goroutines could be read
func (p *Prober) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	query := r.URL.Query()
	name := query.Get("module")
	if name == "" {
		name = config.DefaultModule
	}
	m, ok := (*p.modules.Load())[name]
	if !ok {
		http.Error(w, fmt.Sprintf("there is no module %q in the configuration", name), http.StatusBadRequest)
		return
	}
	if query.Get("target") == "" {
		http.Error(w, "the parameter target is missing: /probe?target=host:port", http.StatusBadRequest)
		return
	}
	target, err := config.ParseTarget(query.Get("target"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !m.AllowsTarget(target) {
		p.options.Logger.Warn("Refused a target that is not allowed", "module", name, "target", target, "client", r.RemoteAddr)
		http.Error(w, fmt.Sprintf("target %s is not allowed: add it to targets of module %q in the configuration file "+
			"(--config.file); without one, only this host is allowed", target, name), http.StatusForbidden)
		return
	}
	available, err := scrape.Timeout(r.Header, p.options.TimeoutOffset)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	timeout := min(available, time.Duration(m.Timeout))
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()

	reading, cached := p.read(ctx, m, target, timeout, min(available, p.options.CacheLifetime))
	a := answer{reading, time.Since(start)}
	p.metrics.countProbe(reading, cached)
	log := p.log(key{name, target}, a, cached)

	registry := prometheus.NewRegistry()
	registry.MustRegister(a)
	if query.Get("debug") == "true" {
		scrape.WriteDebug(w, log, registry)
		return
	}
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// log tells how the probe went: the exporter's log of the first of several equal failures, so that a target that is
// down does not fill it, and the returned text of each.
func (p *Prober) log(k key, a answer, cached bool) string {
	var text bytes.Buffer
	loggers := []*slog.Logger{
		p.options.Logger,
		slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	tell := func(level slog.Level, message string, args ...any) {
		for _, logger := range loggers {
			logger.With("module", k.module, "target", k.target).Log(context.Background(), level, message, args...)
		}
	}

	var now cause
	if a.reading.failure != nil {
		now = a.reading.failure.cause
	}
	before := p.swapLogged(k, now)
	switch {
	case now == "" && before != "":
		tell(slog.LevelInfo, "Probe succeeded again", "cause_before", before)
	case now != "" && (now == before || now == canceled):
		tell(slog.LevelDebug, "Probe failed", "cause", now, "err", a.reading.failure, "duration", a.duration)
	case now != "":
		tell(slog.LevelWarn, "Probe failed", "cause", now, "err", a.reading.failure, "duration", a.duration)
	}
	if now == "" {
		tell(slog.LevelDebug, "Probe succeeded", "cached", cached, "profile_bytes", a.reading.bytes,
			"profile_age", time.Since(a.reading.started), "nodes", len(a.reading.snapshot.Tree.Nodes), "duration", a.duration)
	}
	return text.String()
}

// swapLogged notes the cause for which the target's probe failed, and returns the one before.
func (p *Prober) swapLogged(k key, now cause) (before cause) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, ok := p.targets[k]; ok {
		before, s.logged = s.logged, now
	}
	return before
}
