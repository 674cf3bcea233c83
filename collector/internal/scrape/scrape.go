// Package scrape is what the exporter's two kinds of probes have in common: how long Prometheus waits for an answer, and
// the answer to a person who debugs.
package scrape

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Timeout is how long the probe may take for Prometheus to get an answer: its time-out less the offset, but no
// less than half, or forever if there is no such header.
func Timeout(header http.Header, offset time.Duration) (time.Duration, error) {
	const name = "X-Prometheus-Scrape-Timeout-Seconds"
	text := header.Get(name)
	if text == "" {
		return math.MaxInt64, nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	// A year is more than any time-out, and less than what a time.Duration holds.
	if err != nil || !(seconds > 0 && seconds < 365*24*3600) {
		return 0, fmt.Errorf("the header %s is %q: it has to be a number of seconds", name, text)
	}
	timeout := time.Duration(seconds * float64(time.Second))
	return max(timeout-offset, timeout/2), nil
}

// WriteDebug answers debug=true as blackbox_exporter does, without the module's configuration.
func WriteDebug(w http.ResponseWriter, log string, gatherer prometheus.Gatherer) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "Logs for the probe:\n%s\n\nMetrics that would have been returned:\n", log)
	families, err := gatherer.Gather()
	if err != nil {
		fmt.Fprintf(w, "Error gathering metrics: %v\n", err)
	}
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(w, family); err != nil {
			return
		}
	}
}
