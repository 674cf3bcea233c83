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
	ownMiB            = 2
	reportsEachSecond = 20
)

func runGCSawtooth(ctx context.Context, cfg config) error {
	defer debug.SetGCPercent(debug.SetGCPercent(sawtoothPercent))

	live := max(0, cfg.Max<<20/(1+sawtoothPercent/100)-ownMiB<<20)
	cache := newItemCache(live)
	if !cache.fill(ctx, max(1, float64(cfg.Max)/10)) {
		return nil
	}
	tooth := sawtooth{most: cfg.Max<<20 - live}
	report := max(1<<10, int(cfg.Rate*(1<<20)/reportsEachSecond))
	cfg.Mux.HandleFunc("/reports", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(cache.any())
		_, _ = w.Write(tooth.render(report))
	})
	return request(ctx, cfg.URL+"/reports", reportsEachSecond, reportsEachSecond)
}

// A sawtooth is the garbage since the last cycle. Where the bound is below the least heap that the runtime collects at
// (4 MiB * GOGC/100), it collects itself.
type sawtooth struct {
	sync.Mutex
	most, made int
	cycle      uint64
}

// render makes bytes of garbage of which the last KiB is the report.
func (s *sawtooth) render(bytes int) []byte {
	s.Lock()
	defer s.Unlock()
	var report []byte
	for piece := 256 << 10; bytes > 0; bytes -= piece {
		piece = min(piece, bytes, s.most)
		if cycle := gcCycles(); cycle != s.cycle {
			s.cycle, s.made = cycle, 0
		}
		if s.made+piece > s.most {
			runtime.GC()
			s.made = 0
		}
		report = decode(piece)
		s.made += piece
	}
	return report
}

func gcCycles() uint64 {
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
