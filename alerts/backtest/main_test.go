package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// growing is a process from 1000 s on whose memory grows from 100 bytes to its limit of 1000 in so many seconds, and
// which is killed then; it is scraped every 15 s.
// TestMain runs them as if npm had not: paths are relative to this folder.
func TestMain(m *testing.M) {
	os.Unsetenv("INIT_CWD")
	os.Exit(m.Run())
}

func growing(limit string, seconds int) string {
	var text strings.Builder
	const process = `job="shop",instance="a:1",namespace="n",pod="p",container="c"`
	for at := 0; at <= seconds+60; at += 15 {
		if at > seconds {
			fmt.Fprintf(&text, "up{%s} 0 %d\n", process, 1000+at)
			continue
		}
		used := 100 + 900*at/seconds
		fmt.Fprintf(&text, "up{%s} 1 %d\n", process, 1000+at)
		fmt.Fprintf(&text, "process_resident_memory_bytes{%s} %d %d\n", process, used, 1000+at)
		fmt.Fprintf(&text, "go_memstats_heap_inuse_bytes{%s} %d %d\n", process, used, 1000+at)
		fmt.Fprintf(&text, "go_goroutines{%s} %d %d\n", process, used, 1000+at)
		fmt.Fprintf(&text, limit+" 1000 %d\n", 1000+at)
	}
	return text.String()
}

const cgroupLimit = `cgroup_memory_limit_bytes{job="shop",instance="a:1",namespace="n",pod="p",container="c"}`

// folderOf has one recording of a leak with 30 minutes, and a healthy one of the same series.
func folderOf(t *testing.T, series string) string {
	t.Helper()
	folder := t.TempDir()
	catalogue := `[
		{"name": "storm-slow", "file": "storm.om", "kind": "leak", "started_at": [1000], "killed_at": [2800], "selector": {"job": "shop"}},
		{"name": "busy", "file": "storm.om", "kind": "healthy", "started_at": [1000], "killed_at": [], "selector": {"job": "shop"}}
	]`
	for name, content := range map[string]string{catalogueFile: catalogue, "storm.om": series} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func runWith(t *testing.T, args ...string) (string, error) {
	t.Helper()
	opts, err := parseOptions(args)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = run(context.Background(), opts, &out, &progress{out: io.Discard})
	return out.String(), err
}

func TestReportHasTheScoresOfTheRulesAndOfEachBaseline(t *testing.T) {
	folder := folderOf(t, growing(cgroupLimit, 1800))
	file := filepath.Join(t.TempDir(), "scores.json")
	out, err := runWith(t, "--recordings", folder, "--rules", "baselines/rss-80-percent.rules.yml", "--json", file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "storm-slow") || !strings.Contains(out, "rss-90-percent") {
		t.Errorf("the table lacks a recording or a baseline:\n%s", out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got report
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	// 80 % is exceeded from 1405 s on, in the scrape after; `for` 30 s, message 30 s, an interval at most.
	if lead := got.Recordings[0].Kills[0].LeadSeconds; lead == nil || *lead < 300 || *lead > 330 {
		t.Errorf("the lead is %s", orNone(lead))
	}
	if got.Recordings[1].FalseAlarms != 1 || got.Summary[ours]["all"].RecallLong != (recall{1, 1}) {
		t.Errorf("scores are %s", text)
	}
	if len(got.Baselines) != 5 {
		t.Errorf("there are %d baselines", len(got.Baselines))
	}
}

func TestBaselinesFindTheLimitWhereverItIs(t *testing.T) {
	for _, limit := range []string{
		cgroupLimit,
		`container_spec_memory_limit_bytes{job="kubelet",namespace="n",pod="p",container="c"}`,
		`go_gc_gomemlimit_bytes{job="shop",instance="a:1",namespace="n",pod="p",container="c"}`,
	} {
		folder := folderOf(t, growing(limit, 1800))
		recordings, err := readCatalogue(folder)
		if err != nil {
			t.Fatal(err)
		}
		recorded, err := loadSeries(filepath.Join(folder, recordings[0].File), thinning{})
		if err != nil {
			t.Fatal(err)
		}
		for _, baseline := range []string{"rss-80-percent", "rss-90-percent", "article", "predict-linear-heap-5m"} {
			set, err := loadRules(baseline, []string{filepath.Join("baselines", baseline+ruleSuffix)})
			if err != nil {
				t.Fatal(err)
			}
			line, err := evaluate(context.Background(), set, recordings[0], recorded, 0)
			if err != nil {
				t.Fatal(err)
			}
			if scoreOne(recordings[0], line).Kills[0].LeadSeconds == nil {
				t.Errorf("%s does not fire with %s", baseline, limit)
			}
		}
	}
}

func TestDemandsThatAreNotReachedAreAnErrorThatNamesTheRecording(t *testing.T) {
	folder := folderOf(t, growing(cgroupLimit, 1800))
	late := []string{"-recordings", folder, "-rules", "baselines/rss-90-percent.rules.yml", "-baselines", ""}
	_, err := runWith(t, append(late, "-min-recall", "0.9")...)
	expectError(t, "-min-recall", err, "0 of 1 kills", "storm-slow: lead 1")
	_, err = runWith(t, append(late, "-max-false-alarms", "0")...)
	expectError(t, "-max-false-alarms", err, "had 1", "busy: 1, ")
	if _, err = runWith(t, append(late, "-max-false-alarms", "1")...); err != nil {
		t.Errorf("one false alarm is allowed: %v", err)
	}
	_, err = runWith(t, append(late, "-min-recall", "0.9", "-only", "busy")...)
	expectError(t, "-min-recall without kills", err, "0 of 0 kills")
}

func TestGivenPathsAreRelativeToWhereNpmWasStarted(t *testing.T) {
	folder := folderOf(t, growing(cgroupLimit, 1800))
	rules, err := os.ReadFile("baselines/rss-80-percent.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "my.rules.yml"), rules, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("INIT_CWD", folder)
	// The baselines' default is in this folder.
	if _, err := runWith(t, "-recordings", ".", "-rules", "*.rules.yml", "-json", "scores.json", "-only", "busy"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "scores.json")); err != nil {
		t.Error(err)
	}
}

func TestErrorsOfOptionsSayWhatToGive(t *testing.T) {
	folder := folderOf(t, "up 1 1000\n")
	for _, test := range []struct{ args, wants []string }{
		{[]string{"-rules", "none/*.yml"}, []string{"none/*.yml", "-rules"}},
		{[]string{"-rules", "baselines/*.yml", "-recordings", "none"}, []string{"none", "-recordings"}},
		{[]string{"-rules", "baselines/*.yml", "-baselines", "none"}, []string{"none", "-baselines"}},
		{[]string{"-rules", "baselines/*.yml", "-recordings", folder, "-only", "^x$"}, []string{folder, "-only ^x$"}},
		{[]string{"-only", "("}, []string{"-only"}},
		{[]string{"recordings"}, []string{`"recordings"`}},
	} {
		_, err := runWith(t, test.args...)
		expectError(t, strings.Join(test.args, " "), err, test.wants...)
	}
}
