//go:build linux && (amd64 || arm64)

package probecost

import (
	"context"
	"math"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stackpressure/goroutines/collector/internal/runtimeprobes"
)

func TestEveryCostIsMeasured(t *testing.T) {
	if err := runtimeprobes.Supported(); err != nil {
		t.Skipf("no probes here: %v", err)
	}
	defer goleak.VerifyNone(t)
	costs, err := Measure(context.Background(), Options{Rounds: 1, Spawns: 2000, Growth: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", costs)
	for name, n := range map[string]float64{
		"SpawnNs": costs.SpawnNs, "UprobeNsEntry": costs.UprobeNsEntry, "UprobeNsSite": costs.UprobeNsSite,
		"UprobeNsOurs": costs.UprobeNsOurs, "GrowthEventsPerSecond": costs.GrowthEventsPerSecond,
	} {
		if !(n > 0) || math.IsInf(n, 0) {
			t.Errorf("%s is %v", name, n)
		}
	}
}

// BenchmarkProbes prints what the package measures, as metrics: go test -bench Probes -benchtime 1x.
func BenchmarkProbes(b *testing.B) {
	if err := runtimeprobes.Supported(); err != nil {
		b.Skipf("no probes here: %v", err)
	}
	for i := 0; i < b.N; i++ {
		costs, err := Measure(context.Background(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(costs.SpawnNs, "ns/spawn")
		b.ReportMetric(costs.UprobeNsEntry, "ns/hit-at-entry")
		b.ReportMetric(costs.UprobeNsSite, "ns/hit-at-site")
		b.ReportMetric(costs.UprobeNsOurs, "ns/hit-of-ours")
		b.ReportMetric(costs.GrowthEventsPerSecond, "growth-events/s")
	}
}
