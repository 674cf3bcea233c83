package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
)

// grafanaFile is made from the rule files by `npm run alerts:grafana`.
const grafanaFile = "../../provisioning/alerting/goroutine-stack-pressure.yaml"

// grafanaRule is a rule of Grafana's file provisioning, as far as its state depends on it.
type grafanaRule struct {
	Title         string
	For           model.Duration
	KeepFiringFor model.Duration `yaml:"keepFiringFor"`
	MissingEvals  int            `yaml:"missing_series_evals_to_resolve"`
	Data          []struct {
		RefID         string `yaml:"refId"`
		DatasourceUID string `yaml:"datasourceUid"`
		Model         struct {
			Expr, Type, Expression string
			Conditions             []struct {
				Evaluator struct {
					Type   string
					Params []float64
				}
			}
		}
	}
}

func readGrafanaRules(t testing.TB, group string) (found []grafanaRule, interval time.Duration) {
	t.Helper()
	text, err := os.ReadFile(grafanaFile)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name     string
			Interval model.Duration
			Rules    []grafanaRule
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		if g.Name == group {
			return g.Rules, time.Duration(g.Interval)
		}
	}
	t.Fatalf("%s has no group %s", grafanaFile, group)
	return nil, 0
}

// holds are the label sets for which a rule's condition is true, and those for which it is known: a threshold takes NaN
// as not passing, and a math expression pairs series of which one's labels contain the other's.
func (r grafanaRule) holds(ctx context.Context, query rules.QueryFunc, at time.Time) (map[string]bool, error) {
	results := map[string]promql.Vector{}
	var thresholds []map[string]bool
	sets := map[string]labels.Labels{}
	for _, part := range r.Data {
		switch part.Model.Type {
		case "":
			if strings.HasPrefix(part.RefID, "Q") {
				// For the annotations.
				continue
			}
			vector, err := query(ctx, strings.ReplaceAll(part.Model.Expr, "$$", "$"), at)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", r.Title, part.RefID, err)
			}
			results[part.RefID] = vector
		case "threshold":
			evaluator := part.Model.Conditions[0].Evaluator
			passes := map[string]bool{}
			for _, sample := range results[part.Model.Expression] {
				sets[sample.Metric.String()] = sample.Metric
				passes[sample.Metric.String()] = compare(evaluator.Type, sample.F, evaluator.Params[0])
			}
			thresholds = append(thresholds, passes)
		}
	}
	all := map[string]bool{}
	for key, passes := range thresholds[0] {
		for _, other := range thresholds[1:] {
			passes = passes && partner(other, sets, sets[key])
		}
		all[key] = passes
	}
	return all, nil
}

func partner(of map[string]bool, sets map[string]labels.Labels, with labels.Labels) bool {
	if passes, ok := of[with.String()]; ok {
		return passes
	}
	for key, passes := range of {
		contained := !sets[key].IsEmpty()
		sets[key].Range(func(l labels.Label) { contained = contained && with.Get(l.Name) == l.Value })
		if contained {
			return passes
		}
	}
	return false
}

func compare(operator string, value, threshold float64) bool {
	switch operator {
	case "gt":
		return value > threshold
	case "gte":
		return value >= threshold
	case "lt":
		return value < threshold
	case "lte":
		return value <= threshold
	}
	panic("threshold " + operator)
}

// grafanaState is an alert instance as Grafana's state manager keeps it: pending for `for`, then alerting, then
// recovering for `keepFiringFor`.
type grafanaState struct {
	since, recovering time.Time
	firing            bool
	missing           int
}

func (s *grafanaState) next(rule grafanaRule, holds, present bool, at time.Time) {
	switch {
	case !present:
		if s.missing++; s.missing >= rule.MissingEvals {
			*s = grafanaState{}
		}
	case holds:
		s.missing, s.recovering = 0, time.Time{}
		if s.since.IsZero() {
			s.since = at
		}
		s.firing = s.firing || at.Sub(s.since) >= time.Duration(rule.For)
	default:
		s.missing = 0
		if !s.firing {
			s.since = time.Time{}
			return
		}
		if s.recovering.IsZero() {
			s.recovering = at
		}
		if at.Sub(s.recovering) >= time.Duration(rule.KeepFiringFor) {
			*s = grafanaState{}
		}
	}
}

// TestGrafanaAgreesWithPrometheus evaluates the alerts for a kill to come in both forms over recordings, point by point:
// Prometheus with its recording rules, and Grafana with each of them in place as an expression. Where they differ it is
// by the steps of subqueries: Grafana's lie on multiples of their interval, and of an hour's slope it takes fifteen.
func TestGrafanaAgreesWithPrometheus(t *testing.T) {
	set, err := loadRules(ours, defaultRules)
	if err != nil {
		t.Fatal(err)
	}
	grafana, interval := readGrafanaRules(t, "go-process-oom")
	recordings, err := readCatalogue(defaultRecordings)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"spawn-storm-slow", "heap-leak-fast", "memlimit-leak-fast", "deep-recursion-fast", "long-burst", "steady"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(recordings, func(r Recording) bool { return r.Name == name })
			if i < 0 {
				t.Fatalf("%s has no recording %s", defaultRecordings, name)
			}
			points, firing, apart, longest := compareEngines(t, set, grafana, interval, recordings[i])
			t.Logf("%s: %d of %d evaluations differ, at most %d in a row; Prometheus fires at %d", name, apart, points, longest, firing)
			if kills := len(recordings[i].KilledAt); kills > 0 && firing == 0 {
				t.Error("Prometheus' alert never fires: there is nothing to agree on")
			}
			// An evaluation earlier or later where an alert begins and ends.
			if longest > 3 || apart > 12 {
				t.Errorf("%d of %d evaluations differ, %d in a row", apart, points, longest)
			}
		})
	}
}

func compareEngines(t *testing.T, set *ruleSet, grafana []grafanaRule, interval time.Duration, recording Recording) (points, firing, apart, longest int) {
	t.Helper()
	ctx := context.Background()
	recorded, err := loadSeries(filepath.Join(defaultRecordings, recording.File), thinning{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := openStore(ctx, recorded)
	if err != nil {
		t.Fatal(err)
	}
	defer store.close()
	query := rules.EngineQueryFunc(set.engine, store)
	groups, err := set.load(ctx, store, query)
	if err != nil {
		t.Fatal(err)
	}
	firstMs, lastMs := bounds(recorded)
	states := map[string]map[string]*grafanaState{}
	inARow := 0
	step := interval.Milliseconds()
	for ms := firstMs - firstMs%step + step; ms <= lastMs; ms += step {
		at := time.UnixMilli(ms).UTC()
		for _, group := range groups {
			if group.Interval() == interval {
				group.Eval(ctx, at)
			}
		}
		want, got := firingInPrometheus(groups), map[string]bool{}
		for _, rule := range grafana {
			holds, err := rule.holds(ctx, query, at)
			if err != nil {
				t.Fatal(err)
			}
			if states[rule.Title] == nil {
				states[rule.Title] = map[string]*grafanaState{}
			}
			for key := range holds {
				if states[rule.Title][key] == nil {
					states[rule.Title][key] = &grafanaState{}
				}
			}
			for key, state := range states[rule.Title] {
				passes, present := holds[key]
				if state.next(rule, passes, present, at); state.firing {
					got[rule.Title+key] = true
				}
			}
		}
		points++
		firing += len(want)
		if maps.Equal(want, got) {
			inARow = 0
			continue
		}
		apart++
		inARow++
		longest = max(longest, inARow)
	}
	return points, firing, apart, longest
}

func firingInPrometheus(groups []*rules.Group) map[string]bool {
	firing := map[string]bool{}
	for _, group := range groups {
		for _, rule := range group.AlertingRules() {
			if group.Name() != "go-process-oom" {
				continue
			}
			for _, alert := range rule.ActiveAlerts() {
				if alert.State != rules.StateFiring || math.IsNaN(alert.Value) {
					continue
				}
				of := labels.NewBuilder(alert.Labels).Del(labels.AlertName, "severity").Labels()
				firing[rule.Name()+of.String()] = true
			}
		}
	}
	return firing
}
