package pprofstacks

import (
	"bytes"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"github.com/stackpressure/goroutines/collector/calltree"
)

// storm returns a goroutine profile of that many goroutines, each with a stack of 40 frames below one of 20 handlers.
// Goroutines that share no stack are the worst case: a real program has some hundred distinct ones.
func storm(b *testing.B, goroutines, distinct int) []byte {
	random := rand.New(rand.NewSource(1))
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "goroutine", Unit: "count"}},
		Mapping:    []*profile.Mapping{{ID: 1, Limit: 1 << 40}},
	}
	for id := uint64(1); id <= 2000; id++ {
		f := &profile.Function{ID: id, Name: fmt.Sprintf("github.com/example/service/internal/handler.(*Server).call%d", id)}
		p.Function = append(p.Function, f)
		p.Location = append(p.Location, &profile.Location{ID: id, Mapping: p.Mapping[0], Address: 4096 * id,
			Line: []profile.Line{{Function: f}}})
	}
	for i := 0; i < distinct; i++ {
		s := &profile.Sample{Value: []int64{int64(goroutines / distinct)}}
		for frame := 0; frame < 40; frame++ {
			// The nearer to the root, the fewer functions: 20 at frame 39, 2000 at the leaf.
			s.Location = append(s.Location, p.Location[random.Intn(20+(39-frame)*50)])
		}
		p.Sample = append(p.Sample, s)
	}
	var packed bytes.Buffer
	if err := p.Write(&packed); err != nil {
		b.Fatal(err)
	}
	return packed.Bytes()
}

func BenchmarkParseAndBuild(b *testing.B) {
	for _, c := range []struct{ goroutines, distinct int }{
		{10_000, 100}, {10_000, 10_000}, {100_000, 100}, {100_000, 100_000},
	} {
		b.Run(fmt.Sprintf("goroutines=%d/stacks=%d", c.goroutines, c.distinct), func(b *testing.B) {
			packed := storm(b, c.goroutines, c.distinct)
			builder := calltree.NewBuilder()
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				stacks, err := Parse(bytes.NewReader(packed))
				if err != nil {
					b.Fatal(err)
				}
				builder.Build(stacks, time.Unix(int64(15*i), 0))
			}
		})
	}
}

func BenchmarkParseAndBuildRecorded(b *testing.B) {
	for _, name := range recorded {
		b.Run(name, func(b *testing.B) {
			builder := calltree.NewBuilder()
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				builder.Build(parseFile(b, name), time.Unix(int64(15*i), 0))
			}
		})
	}
}
