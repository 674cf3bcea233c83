package probe

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand"
	"net/http"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/stackpressure/goroutines/collector/internal/pprofstacks"
)

// profileOf returns a goroutine profile of that many samples, each of 40 frames and some 85 bytes. They are of a
// hundred different stacks, as when labels of runtime/pprof tell them apart.
func profileOf(t *testing.T, samples int) []byte {
	t.Helper()
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "goroutine", Unit: "count"}}}
	for id := uint64(1); id <= 2000; id++ {
		f := &profile.Function{ID: id, Name: fmt.Sprintf("example.com/service.(*Server).call%d", id)}
		p.Function = append(p.Function, f)
		p.Location = append(p.Location, &profile.Location{ID: id, Line: []profile.Line{{Function: f}}})
	}
	var b bytes.Buffer
	if err := p.WriteUncompressed(&b); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewSource(1))
	sample := func() []byte {
		var locations []byte
		for frame := 0; frame < 40; frame++ {
			locations = protowire.AppendVarint(locations, uint64(1+random.Intn(2000)))
		}
		// The fields of message Sample in google/pprof/proto/profile.proto: 1 location_id, 2 value; 2 is Profile.sample.
		message := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), locations)
		message = protowire.AppendVarint(protowire.AppendTag(message, 2, protowire.VarintType), 1)
		return protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), message)
	}
	var hundred []byte
	for i := 0; i < 100; i++ {
		hundred = append(hundred, sample()...)
	}
	return append(b.Bytes(), bytes.Repeat(hundred, samples/100)...)
}

func zip(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sends(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }
}

var generous = []string{"X-Prometheus-Scrape-Timeout-Seconds", "60"}

func TestALargeProfileWithinTheLimitIsRead(t *testing.T) {
	body := profileOf(t, 350_000)
	if len(body) < pprofstacks.MaxBytes/10*8 || len(body) > pprofstacks.MaxBytes {
		t.Fatalf("the profile has %d bytes, want a little less than the limit", len(body))
	}
	e := startExporter(t, "")
	answer := e.succeeds(serve(t, sends(body)), generous...)
	goroutines := 0
	for _, root := range regexp.MustCompile(`goroutine_calltree_goroutines\{depth="1",.*\} (\S+)`).FindAllStringSubmatch(answer, -1) {
		n, err := strconv.ParseFloat(root[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		goroutines += int(n)
	}
	if goroutines != 350_000 {
		t.Errorf("the tree has %d goroutines, want 350,000", goroutines)
	}
}

// Both as it is, and compressed as net/http/pprof does.
func TestAProfileOf50MBIsRefused(t *testing.T) {
	body := profileOf(t, 650_000)
	if len(body) < 50e6 {
		t.Fatalf("the profile has %d bytes only", len(body))
	}
	e := startExporter(t, "")
	e.failsWith(tooLarge, serve(t, sends(body)), "is more than 32 MiB", generous...)
	zipped := zip(t, body)
	if len(zipped) > smallBody*8 {
		t.Fatalf("the profile compresses to %d bytes, want few", len(zipped))
	}
	e.failsWith(tooLarge, serve(t, sends(zipped)), "decompresses to more than 32 MiB", generous...)
}

func TestAGzipBombTakesNoMoreMemoryThanTheLimitAllows(t *testing.T) {
	// 1 GiB, as gzip files one after the other are one.
	bomb := bytes.Repeat(zip(t, make([]byte, 1<<20)), 1024)
	target := serve(t, sends(bomb))
	e := startExporter(t, "")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	e.mustProbe(target, generous...)
	runtime.ReadMemStats(&after)
	// Growing a buffer to 32 MiB allocates five times that, over time.
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8*pprofstacks.MaxBytes {
		t.Errorf("a bomb of 1 GiB made the exporter allocate %d MiB", grown>>20)
	}
	e.failsWith(tooLarge, target, "decompresses to more than 32 MiB", generous...)
}

func TestAnEndlessAnswerIsLeftAtTheLimit(t *testing.T) {
	target := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for chunk := make([]byte, 1<<20); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	startExporter(t, "").failsWith(tooLarge, target, "is more than 32 MiB", generous...)
}

// Targets that send much, and slowly, do not keep others from being probed.
func TestLargeAnswersDoNotHoldUpSmallOnes(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, smallBody+1))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	e := startExporter(t, "", func(o *Options) { o.CacheLifetime = 0 })
	answered := make(chan string)
	const drips = largeBodies + 2
	for i := 0; i < drips; i++ {
		target := serve(t, drip)
		go func() { answered <- e.mustProbe(target, "X-Prometheus-Scrape-Timeout-Seconds", "4") }()
	}
	eventually(t, "all places for large answers are taken", func() bool { return len(e.largeBodies) == largeBodies })
	e.succeeds(serve(t, ownProfile))
	if n := len(e.largeBodies); n != largeBodies {
		t.Errorf("a small answer came when no more than %d of %d places for large ones were taken", n, largeBodies)
	}
	for i := 0; i < drips; i++ {
		if body := <-answered; !strings.Contains(body, `cause="timeout"`) {
			t.Error(body)
		}
	}
	if len(e.largeBodies) != 0 {
		t.Errorf("%d places for large answers were not given back", len(e.largeBodies))
	}
}
