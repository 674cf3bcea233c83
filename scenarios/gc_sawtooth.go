package main

import (
	"context"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

var gcSawtooth = scenario{
	Name: "gc-sawtooth",
	Does: "Renders reports under GOGC=400 that are garbage at once, at the rate's MiB a second, over a live heap of a fifth of its bound.",
	Look: "The heap climbs for most of a minute to five times what is live and falls back at once, again and again to the same height.",
	Unit: "MiB",
	Rate: 3,
	Max:  150,
	Run:  runGCSawtooth,
}

const (
	sawtoothPercent = 400
	// What the program keeps without the cache: metrics, connections, the server.
	ownMiB            = 3
	reportsEachSecond = 20
)

func runGCSawtooth(ctx context.Context, cfg config) error {
	defer debug.SetGCPercent(debug.SetGCPercent(sawtoothPercent))

	live := max(0, cfg.Max<<20/(1+sawtoothPercent/100)-ownMiB<<20)
	cache := newItemCache(live)
	if !cache.fill(ctx, max(1, float64(cfg.Max)/10)) {
		return nil
	}
	reports := reportDesk{most: max(cfg.Max, 2*ownMiB) << 20}
	report := max(1<<10, int(cfg.Rate*(1<<20)/reportsEachSecond))
	cfg.Mux.HandleFunc("/reports", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(cache.any())
		_, _ = w.Write(reports.render(report))
	})
	return request(ctx, cfg.URL+"/reports", reportsEachSecond, reportsEachSecond)
}

// A reportDesk renders one report at a time, and keeps the heap below most bytes: the runtime itself collects only at
// 4 MiB * GOGC/100, or late where it cannot keep up.
type reportDesk struct {
	sync.Mutex
	most int
}

// render makes bytes of garbage of which the last KiB is the report.
func (d *reportDesk) render(bytes int) []byte {
	d.Lock()
	defer d.Unlock()
	var report []byte
	const piece = 256 << 10
	for ; bytes > 0; bytes -= piece {
		if heapBytes()+piece > d.most {
			runtime.GC()
		}
		report = decode(min(piece, bytes))
	}
	return report
}

// heapBytes is what is live and the garbage that is not yet collected, as go_memstats_heap_alloc_bytes is.
func heapBytes() int {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}
