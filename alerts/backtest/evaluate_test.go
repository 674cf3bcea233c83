package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rulesOf loads a rule file of one group with an interval of 20 s.
func rulesOf(t *testing.T, rules string) *ruleSet {
	t.Helper()
	file := filepath.Join(t.TempDir(), "test.rules.yml")
	text := "groups:\n- name: memory\n  interval: 20s\n  rules:\n" + rules
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := loadRules("test", []string{file})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// gaugeOf has a series' samples every 10 s from 1000 on, as a string of digits each.
func gaugeOf(series, digits string) string {
	var text strings.Builder
	for i, digit := range digits {
		if digit != ' ' {
			fmt.Fprintf(&text, "%s %c %d\n", series, digit, 1000+10*i)
		}
	}
	return text.String()
}

// states evaluates the rules and writes an evaluation as "#" or ".".
func states(t *testing.T, set *ruleSet, text string, quarters int) string {
	t.Helper()
	recording := Recording{Name: "test", Kind: kindHealthy, Selector: map[string]string{"job": "shop"}}
	line, err := evaluate(context.Background(), set, recording, loaded(t, text), quarters)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, step := range line.steps {
		if step.firing {
			all.WriteByte('#')
		} else {
			all.WriteByte('.')
		}
	}
	return all.String()
}

const alertAtOne = `
  - alert: Full
    expr: used > 0
    labels: {severity: critical}
`

func TestEvaluationsAreAtTheGroupsIntervalFromTheFirstSampleToTheLast(t *testing.T) {
	set := rulesOf(t, alertAtOne)
	text := gaugeOf(`used{job="shop"}`, "000001111")
	// At 1000, 1020 … 1080; a quarter later at 1005, 1025, 1045, 1065. It is full from 1050 on.
	for quarters, want := range []string{"...##", "...#", "..##", "..##"} {
		if got := states(t, set, text, quarters); got != want {
			t.Errorf("offset %d/4: %s, want %s", quarters, got, want)
		}
	}
}

func TestForAndKeepFiringForAreAsInProduction(t *testing.T) {
	set := rulesOf(t, alertAtOne+"    for: 40s\n    keep_firing_for: 60s\n")
	// True at the evaluations from 1040 to 1120: it fires at 1080, and until 60 s after 1140, the first that is not.
	if got, want := states(t, set, gaugeOf(`used{job="shop"}`, "0000111111111000000000000"), 0), "....######..."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestSeriesOfADeadProcessEndAtItsStaleMarker(t *testing.T) {
	set := rulesOf(t, alertAtOne)
	up := gaugeOf(`up{job="shop"}`, "111111000000")
	if got, want := states(t, set, up+gaugeOf(`used{job="shop"}`, "111111"), 0), "###..."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestOnlyCriticalAlertsForTheProcessCount(t *testing.T) {
	set := rulesOf(t, alertAtOne+`
  - alert: Warned
    expr: warned > 0
    labels: {severity: warning}
`)
	for text, want := range map[string]string{
		gaugeOf(`used{job="shop",pod="a"}`, "111"): "##",
		gaugeOf(`used{}`, "111"):                   "##",
		gaugeOf(`used{job="other"}`, "111"):        "..",
		gaugeOf(`warned{job="shop"}`, "111"):       "..",
	} {
		if got := states(t, set, text, 0); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestRulesReadWhatEarlierOnesRecord(t *testing.T) {
	set := rulesOf(t, `
  - {record: half, expr: used / 2}
  - alert: Pending
    expr: half > 0
    for: 1h
  - alert: Full
    expr: half offset 20s == 2 and ignoring (alertname, alertstate) ALERTS{alertname="Pending"}
    labels: {severity: critical}
`)
	if got, want := states(t, set, gaugeOf(`used{job="shop"}`, "0044444"), 0), "..##"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestGroupsKeepTheirOwnIntervals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "two.rules.yml")
	text := `
groups:
- {name: slow, interval: 40s, rules: [{alert: Slow, expr: slow > 0, labels: {severity: critical}}]}
- {name: fast, interval: 10s, rules: [{alert: Fast, expr: fast > 0, labels: {severity: critical}}]}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := loadRules("two", []string{file})
	if err != nil {
		t.Fatal(err)
	}
	recorded := gaugeOf(`slow{job="shop"}`, "001111000") + gaugeOf(`fast{job="shop"}`, "010000000")
	if got, want := states(t, set, recorded, 0), ".#..####."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestETAIsTheLeastRecordedOfTheProcess(t *testing.T) {
	set := rulesOf(t, alertAtOne+"  - {record: 'go_process:time_to_oom_seconds', expr: 100 / eta}\n")
	text := gaugeOf(`used{job="shop"}`, "0000000") + gaugeOf(`eta{job="shop",limit="cgroup"}`, "1222000") +
		gaugeOf(`eta{job="shop",limit="gomemlimit"}`, "11144  ") + gaugeOf(`eta{job="other"}`, "9999999")
	recording := Recording{Name: "test", Selector: map[string]string{"job": "shop"}}
	line, err := evaluate(context.Background(), set, recording, loaded(t, text), 0)
	if err != nil {
		t.Fatal(err)
	}
	// At 1000, 1020, 1040, and at 1060, where one is infinite and the other has ended.
	for i, want := range []float64{100, 50, 25, math.NaN()} {
		if got := line.steps[i].eta; got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("evaluation %d has ETA %g, want %g", i, got, want)
		}
	}
}

func TestRuleThatFailsIsAnErrorWithRuleRecordingAndTime(t *testing.T) {
	set := rulesOf(t, alertAtOne+"  - {record: joined, expr: used * on (job) used}\n")
	recorded := loaded(t, gaugeOf(`used{job="shop",pod="a"}`, "00000")+gaugeOf(`used{job="shop",pod="b"}`, "    0"))
	_, err := evaluate(context.Background(), set, Recording{Name: "two-pods"}, recorded, 0)
	expectError(t, "many to many", err, "rule joined", "test.rules.yml", "group memory", "recording two-pods",
		"1970-01-01T00:17:20Z", "40 s after", "many-to-many")
}

func TestErrorsOfRuleFilesNameTheFile(t *testing.T) {
	for text, want := range map[string]string{
		"groups: [{name: a, rules: [{alert: A, expr: 'up >'}]}]":     "could not parse expression",
		"groups: [{name: a, rules: [{alert: A, exp: up}]}]":          "exp",
		"groups: [{name: a, rules: [{alert: A, expr: up}]}]":         "severity: critical",
		"groups: [{name: a, rules: [{record: a, expr: up offset}]}]": "could not parse expression",
	} {
		file := filepath.Join(t.TempDir(), "bad.rules.yml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := loadRules("bad", []string{file})
		expectError(t, text, err, file, want)
	}
}
