package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/rules"
)

const (
	runbook = "../runbooks/GoOOMAhead.md"
	// decideBefore is when somebody decides: five minutes before the kill are promised.
	decideBefore = 300
)

// verdicts are what the runbook's table has to say of each story that ends in a kill.
var verdicts = map[string]string{
	"spawn-storm":       "goroutines",
	"channel-receiver":  "goroutines",
	"handler-leak":      "goroutines",
	"waitgroup-misuse":  "goroutines",
	"retry-storm":       "goroutines",
	"burst-leak":        "goroutines",
	"defer-chain":       "goroutines",
	"nested-panic":      "goroutines",
	"middleware-rewrap": "depth",
	"deep-recursion":    "depth",
	"heap-leak":         "heap",
	"memlimit-leak":     "heap",
	"context-chain":     "heap",
	"closure-capture":   "heap",
	"cgo-leak":          "memory of C",
	"cgo-blocked":       "calls of C",
}

// TestRunbookSaysWhoTakesTheMemory asks the runbook's two questions five minutes before each kill, and reads the answers by
// its table.
func TestRunbookSaysWhoTakesTheMemory(t *testing.T) {
	set, err := loadRules(ours, defaultRules)
	if err != nil {
		t.Fatal(err)
	}
	recordings, err := readCatalogue(defaultRecordings)
	if err != nil {
		t.Fatal(err)
	}
	bytes, numbers := questionsOf(t, runbook)
	asked := 0
	for _, recording := range recordings {
		if recording.Kind != "leak" {
			continue
		}
		want, ok := verdicts[recording.Story]
		if !ok {
			t.Errorf("nothing is said of the story %s: add what its kill is of", recording.Story)
		}
		recorded, err := loadSeries(filepath.Join(defaultRecordings, recording.File), thinning{})
		if err != nil {
			t.Fatal(err)
		}
		store, err := openStore(context.Background(), recorded)
		if err != nil {
			t.Fatal(err)
		}
		query := rules.EngineQueryFunc(set.engine, store)
		for _, killedAt := range recording.KilledAt {
			at := killedAt - decideBefore
			// The questions look back over eight minutes of one life.
			if born, ok := recording.StartedAt.lastUntil(at); !ok || at-born < 480 {
				continue
			}
			asked++
			gained := map[string]float64{}
			top := answer(t, query, bytes, recording, at, gained)
			answer(t, query, numbers, recording, at, gained)
			goroutines := now(t, query, "go_goroutines", recording, at)
			if got := verdict(top, gained, goroutines); got != want {
				t.Errorf("%s: the runbook says %q by %v of %.0f goroutines, want %q", recording.Name, got, gained, goroutines, want)
			}
		}
		if err := store.close(); err != nil {
			t.Error(err)
		}
	}
	if asked < 30 {
		t.Errorf("asked at %d kills only", asked)
	}
	t.Logf("asked at %d kills", asked)
}

// verdict reads the table "Decide in sixty seconds".
func verdict(top string, gained map[string]float64, goroutines float64) string {
	up := gained["goroutines"] > max(10, goroutines/20)
	switch {
	case top == "outside Go, MiB" && gained["threads"] > 10:
		return "calls of C"
	case top == "outside Go, MiB":
		return "memory of C"
	case top == "garbage and free heap, MiB":
		return "more work"
	case up:
		return "goroutines"
	case top == "goroutine stacks, MiB":
		return "depth"
	}
	return "heap"
}

var promqlBlock = regexp.MustCompile("(?s)```promql\n(.*?)```")

// questionsOf gives the page's first two queries: bytes, and numbers.
func questionsOf(t *testing.T, page string) (bytes, numbers string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	blocks := promqlBlock.FindAllStringSubmatch(string(text), 2)
	if len(blocks) < 2 {
		t.Fatalf("%s has no two queries", page)
	}
	return blocks[0][1], blocks[1][1]
}

// answer adds what was gained, by what, and gives the first of it: as the query sorts it.
func answer(t *testing.T, query rules.QueryFunc, question string, recording Recording, at float64, gained map[string]float64) string {
	t.Helper()
	vector, err := query(context.Background(), about(recording, question), time.UnixMilli(int64(1000*at)))
	if err != nil {
		t.Fatal(err)
	}
	if len(vector) == 0 {
		t.Fatalf("%s: no answer to %s", recording.Name, question)
	}
	for _, sample := range vector {
		gained[sample.Metric.Get("gained")] = sample.F
	}
	return vector[0].Metric.Get("gained")
}

func now(t *testing.T, query rules.QueryFunc, metric string, recording Recording, at float64) float64 {
	t.Helper()
	vector, err := query(context.Background(), about(recording, metric+`{job="JOB", instance="INSTANCE"}`), time.UnixMilli(int64(1000*at)))
	if err != nil || len(vector) != 1 {
		t.Fatalf("%s: %s is %v, %v", recording.Name, metric, vector, err)
	}
	return vector[0].F
}

// about puts the recording's process in the place of JOB and INSTANCE.
func about(recording Recording, question string) string {
	var matchers []string
	for name, value := range recording.Selector {
		matchers = append(matchers, fmt.Sprintf("%s=%q", name, value))
	}
	return strings.ReplaceAll(question, `job="JOB", instance="INSTANCE"`, strings.Join(matchers, ", "))
}
