/** A whole program with client_golang's metrics: the first that Prometheus can scrape. */
export function firstMetrics(): string {
  return `package main

import (
	"log"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	http.Handle("/metrics", promhttp.Handler())
	log.Fatal(http.ListenAndServe(":8080", nil))
}
`;
}

/** Where the program has a registry of its own, which lacks what the default one has. */
export function processCollectors(): string {
  return `import "github.com/prometheus/client_golang/prometheus/collectors"

registry.MustRegister(
	collectors.NewGoCollector(),
	collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
)
`;
}

export function library(): string {
  return `import "github.com/stackpressure/goroutines/collector/stackdepth"

prometheus.MustRegister(stackdepth.NewCollector())
`;
}

/** The default registry has a Go collector already, which this one replaces. */
export function liveHeap(): string {
  return `import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

prometheus.Unregister(collectors.NewGoCollector())
prometheus.MustRegister(collectors.NewGoCollector(
	collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsGC),
))
`;
}

export function pprofHandler(): string {
  return `import _ "net/http/pprof" // adds /debug/pprof to http.DefaultServeMux
`;
}

export function updateClient(): string {
  return `go get github.com/prometheus/client_golang@latest
`;
}
