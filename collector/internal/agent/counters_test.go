package agent

import (
	"fmt"
	"testing"
)

func TestCountersOfManyFunctionsAreBoundedAndNeverGoDown(t *testing.T) {
	var c counters
	counts := map[string]float64{}
	var before map[string]float64
	for round := 1; round <= 5; round++ {
		sum := 0.0
		for i := 0; i < 100*round; i++ {
			counts[fmt.Sprintf("main.f%d", i)] += float64(i % 7)
		}
		for _, n := range counts {
			sum += n
		}
		after := c.bound(counts)
		if len(after) > maxFunctions+1 {
			t.Fatalf("round %d has %d functions", round, len(after))
		}
		got := 0.0
		for _, n := range after {
			got += n
		}
		if got != sum {
			t.Errorf("round %d sums up to %v, want %v", round, got, sum)
		}
		for function, n := range before {
			if after[function] < n {
				t.Errorf("%s went from %v to %v", function, n, after[function])
			}
		}
		before = after
	}
}
