package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
)

// BenchmarkThousandInstances is one evaluation of all alerts for a kill to come, of 1,000 processes that all leak: by
// Prometheus with its recording rules, and by the queries of the Grafana rules, which have them inlined.
//
//	npm run bench:rules
func BenchmarkThousandInstances(b *testing.B) {
	const instances = 1000
	ctx := context.Background()
	set, err := loadRules(ours, defaultRules)
	if err != nil {
		b.Fatal(err)
	}
	recordings, err := readCatalogue(defaultRecordings)
	if err != nil {
		b.Fatal(err)
	}
	i := slices.IndexFunc(recordings, func(r Recording) bool { return r.Name == "closure-capture-slow" })
	recorded, err := loadSeries(filepath.Join(defaultRecordings, recordings[i].File), thinning{})
	if err != nil {
		b.Fatal(err)
	}
	store, err := openStore(ctx, multiply(recorded, instances))
	if err != nil {
		b.Fatal(err)
	}
	defer store.close()
	query := rules.EngineQueryFunc(set.engine, store)
	groups, err := set.load(ctx, store, query)
	if err != nil {
		b.Fatal(err)
	}
	_, lastMs := bounds(recorded)
	now := time.UnixMilli(lastMs).Add(-5 * time.Minute).Truncate(20 * time.Second).UTC()

	b.Run("Prometheus", func(b *testing.B) {
		// What offsets and ranges of recordings reach back to.
		for at := now.Add(-16 * time.Minute); at.Before(now); at = at.Add(20 * time.Second) {
			evaluateGroups(ctx, groups, at)
		}
		at := now
		for b.Loop() {
			evaluateGroups(ctx, groups, at)
			at = at.Add(20 * time.Second)
		}
	})
	b.Run("Grafana", func(b *testing.B) {
		grafana, _ := readGrafanaRules(b, "go-process-oom")
		for b.Loop() {
			for _, rule := range grafana {
				if _, err := rule.holds(ctx, query, now); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func evaluateGroups(ctx context.Context, groups []*rules.Group, at time.Time) {
	for _, group := range groups {
		if group.Interval() == 20*time.Second {
			group.Eval(ctx, at)
		}
	}
}

// multiply gives each series once for each of so many instances.
func multiply(recorded []series, instances int) []series {
	var all []series
	for i := range instances {
		for _, s := range recorded {
			of := labels.NewBuilder(s.labels).Set("instance", fmt.Sprintf("instance-%d", i)).Set("pod", fmt.Sprintf("pod-%d", i)).Labels()
			all = append(all, series{of, s.samples})
		}
	}
	return all
}
