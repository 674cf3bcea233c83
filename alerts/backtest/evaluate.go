package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

const (
	// etaMetric is the recorded time to the kill, in seconds.
	etaMetric = "go_process:time_to_oom_seconds"
	// defaultInterval is that of a group that names none, as Prometheus has it.
	defaultInterval = time.Minute
	// offsets of evaluation, as parts of a group's interval, that each recording is evaluated at: where evaluations
	// and scrapes fall against each other is chance in production.
	offsets = 4
)

// ruleSet holds rule files that are evaluated and scored together. It is a rules.GroupLoader, so that the files are
// read once; use is safe from several goroutines.
type ruleSet struct {
	name   string
	files  []string
	groups map[string]*rulefmt.RuleGroups
	parser parser.Parser
	engine *promql.Engine
	// recordsETA is whether there is a rule for etaMetric.
	recordsETA bool
}

// loadRules reads rule files as Prometheus does, annotations left out: their templates query, which takes most of the
// time, and no alert's state depends on them.
func loadRules(name string, files []string) (*ruleSet, error) {
	promQL := parser.NewParser(parser.Options{})
	set := &ruleSet{
		name:   name,
		files:  files,
		groups: map[string]*rulefmt.RuleGroups{},
		parser: promQL,
		// As cmd/prometheus configures it by default.
		engine: promql.NewEngine(promql.EngineOpts{
			MaxSamples:           50_000_000,
			Timeout:              2 * time.Minute,
			LookbackDelta:        5 * time.Minute,
			EnableAtModifier:     true,
			EnableNegativeOffset: true,
			Parser:               promQL,
			NoStepSubqueryIntervalFn: func(int64) int64 {
				return defaultInterval.Milliseconds()
			},
		}),
	}
	critical := false
	for _, file := range files {
		groups, errs := rulefmt.ParseFile(file, false, model.UTF8Validation, promQL, promslog.NewNopLogger())
		if len(errs) > 0 {
			return nil, fmt.Errorf("rule file: %w", errors.Join(errs...))
		}
		for _, group := range groups.Groups {
			for i := range group.Rules {
				rule := &group.Rules[i]
				rule.Annotations = nil
				set.recordsETA = set.recordsETA || rule.Record == etaMetric
				critical = critical || rule.Alert != "" && isCritical(rules.FromMaps(group.Labels, rule.Labels))
			}
		}
		set.groups[file] = groups
	}
	if !critical {
		return nil, fmt.Errorf("no alert of %v has the label severity: critical, and only those are scored", files)
	}
	return set, nil
}

func isCritical(of labels.Labels) bool { return of.Get("severity") == "critical" }

// Load is part of rules.GroupLoader.
func (s *ruleSet) Load(file string, _ bool, _ model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	return s.groups[file], nil
}

// Parse is part of rules.GroupLoader.
func (s *ruleSet) Parse(query string) (parser.Expr, error) { return s.parser.ParseExpr(query) }

// timeline is what a rule set said of a recording's process, evaluation by evaluation.
type timeline struct {
	steps []step
	// interval is the longest between evaluations of a group, in seconds.
	interval float64
}

type step struct {
	// at is in Unix seconds.
	at float64
	// firing is whether a critical alert for the process is, those that are only kept firing included.
	firing bool
	// eta is the least etaMetric of the process, in seconds; NaN where there is none.
	eta float64
}

// evaluate runs the rules over a recording, from its first to its last sample, each group at its interval and so many
// quarters of it later. The storage is its own, as recording rules write there. A rule that fails is an error.
func evaluate(ctx context.Context, set *ruleSet, recording Recording, recorded []series, quarters int) (timeline, error) {
	store, err := openStore(ctx, recorded)
	if err != nil {
		return timeline{}, fmt.Errorf("store recording %s: %w", recording.Name, err)
	}
	defer store.close()
	query := rules.EngineQueryFunc(set.engine, store)
	groups, err := set.load(ctx, store, query)
	if err != nil {
		return timeline{}, err
	}

	firstMs, lastMs := bounds(recorded)
	next := make([]int64, len(groups))
	var line timeline
	for i, group := range groups {
		next[i] = firstMs + group.Interval().Milliseconds()*int64(quarters)/offsets
		line.interval = max(line.interval, group.Interval().Seconds())
	}
	for {
		nowMs := slices.Min(next)
		if nowMs > lastMs {
			return line, nil
		}
		now := time.UnixMilli(nowMs).UTC()
		for i, group := range groups {
			if next[i] != nowMs {
				continue
			}
			group.Eval(ctx, now)
			if err := ctx.Err(); err != nil {
				return timeline{}, err
			}
			if rule, err := failed(group); err != nil {
				return timeline{}, fmt.Errorf("rule %s (%s, group %s) fails on recording %s at %s, %d s after its first sample: %w",
					rule, group.File(), group.Name(), recording.Name, now.Format(time.RFC3339Nano), (nowMs-firstMs)/1000, err)
			}
			next[i] += group.Interval().Milliseconds()
		}
		done := step{at: float64(nowMs) / 1000, firing: isFiring(groups, recording.Selector), eta: math.NaN()}
		if set.recordsETA {
			if done.eta, err = leastETA(ctx, query, now, recording.Selector); err != nil {
				return timeline{}, fmt.Errorf("query %s on recording %s: %w", etaMetric, recording.Name, err)
			}
		}
		line.steps = append(line.steps, done)
	}
}

// load gives the groups in the order of the files.
func (s *ruleSet) load(ctx context.Context, store *store, query rules.QueryFunc) ([]*rules.Group, error) {
	manager := rules.NewManager(&rules.ManagerOptions{
		ExternalURL:  &url.URL{Scheme: "http", Host: "localhost:9090"},
		QueryFunc:    query,
		NotifyFunc:   func(context.Context, string, ...*rules.Alert) {},
		Context:      ctx,
		AppendableV2: store.head,
		Queryable:    store,
		Logger:       promslog.NewNopLogger(),
		GroupLoader:  s,
		Parser:       s.parser,
	})
	byKey, errs := manager.LoadGroups(defaultInterval, labels.EmptyLabels(), "", nil, false, s.files...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	var groups []*rules.Group
	for _, file := range s.files {
		for _, written := range s.groups[file].Groups {
			group := byKey[rules.GroupKey(file, written.Name)]
			for _, alert := range group.AlertingRules() {
				// Else it would not write ALERTS, which other rules may read.
				alert.SetRestored(true)
			}
			groups = append(groups, group)
		}
	}
	return groups, nil
}

func failed(group *rules.Group) (name string, err error) {
	for _, rule := range group.Rules() {
		if err := rule.LastError(); err != nil {
			return rule.Name(), err
		}
	}
	return "", nil
}

func isFiring(groups []*rules.Group, selector map[string]string) bool {
	for _, group := range groups {
		for _, rule := range group.Rules() {
			alerts, ok := rule.(*rules.AlertingRule)
			if !ok {
				continue
			}
			for _, alert := range alerts.ActiveAlerts() {
				if alert.State == rules.StateFiring && isCritical(alert.Labels) && agree(alert.Labels, selector) {
					return true
				}
			}
		}
	}
	return false
}

// agree tells whether every label that both have is equal.
func agree(of labels.Labels, selector map[string]string) bool {
	for name, want := range selector {
		if of.Has(name) && of.Get(name) != want {
			return false
		}
	}
	return true
}

func leastETA(ctx context.Context, query rules.QueryFunc, at time.Time, selector map[string]string) (float64, error) {
	vector, err := query(ctx, etaMetric, at)
	if err != nil {
		return 0, err
	}
	least := math.Inf(1)
	for _, sample := range vector {
		if agree(sample.Metric, selector) && sample.F < least {
			least = sample.F
		}
	}
	if math.IsInf(least, 0) {
		return math.NaN(), nil
	}
	return least, nil
}

// store is a head block of Prometheus' storage, without log and compaction.
type store struct {
	head   *tsdb.Head
	folder string
}

func openStore(ctx context.Context, recorded []series) (*store, error) {
	// The head wants a folder, and does not write there.
	folder, err := os.MkdirTemp("", "backtest")
	if err != nil {
		return nil, err
	}
	firstMs, lastMs := bounds(recorded)
	options := tsdb.DefaultHeadOptions()
	options.ChunkDirRoot = folder
	options.IsolationDisabled = true
	// One process has some hundreds of series; the default is for millions.
	options.StripeSize = 1 << 10
	// The head takes what is at most half of this older than its newest sample, and rules write all along.
	options.ChunkRange = 3 * max(lastMs-firstMs, time.Hour.Milliseconds())
	head, err := tsdb.NewHead(nil, slog.New(slog.DiscardHandler), nil, nil, options, nil)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	opened := &store{head, folder}
	if err := opened.append(ctx, recorded); err != nil {
		return nil, errors.Join(err, opened.close())
	}
	return opened, nil
}

func (s *store) append(ctx context.Context, recorded []series) error {
	appender := s.head.AppenderV2(ctx)
	for _, one := range recorded {
		var ref storage.SeriesRef
		for _, sample := range one.samples {
			var err error
			if ref, err = appender.Append(ref, one.labels, 0, sample.ms, sample.value, nil, nil, storage.AOptions{}); err != nil {
				return errors.Join(fmt.Errorf("%s at %d ms: %w", one.labels, sample.ms, err), appender.Rollback())
			}
		}
	}
	return appender.Commit()
}

// Querier is part of storage.Queryable.
func (s *store) Querier(mint, maxt int64) (storage.Querier, error) {
	return tsdb.NewBlockQuerier(tsdb.NewRangeHeadWithIsolationDisabled(s.head, mint, maxt), mint, maxt)
}

func (s *store) close() error { return errors.Join(s.head.Close(), os.RemoveAll(s.folder)) }
