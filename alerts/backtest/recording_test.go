package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/value"
)

// upOf has the samples of a target's up, "1" or "0" by scrape, every 15 s from 1000 on. A space is a missed scrape.
func upOf(target, answers string) string {
	var text strings.Builder
	for i, answer := range answers {
		if answer != ' ' {
			fmt.Fprintf(&text, "up{%s} %c %d\n", target, answer, 1000+15*i)
		}
	}
	return text.String()
}

func samplesOf(series string, seconds ...float64) string {
	var text strings.Builder
	for _, at := range seconds {
		fmt.Fprintf(&text, "%s 7 %.3f\n", series, at)
	}
	return text.String()
}

// loaded reads the text as a recording's file.
func loaded(t *testing.T, text string) []series {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recording.om")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := loadSeries(file, thinning{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// expectMarkers compares the times of a series' stale markers, in seconds.
func expectMarkers(t *testing.T, all []series, name string, want ...float64) {
	t.Helper()
	var got []float64
	found := false
	for _, one := range all {
		if one.labels.Get("__name__") != name {
			continue
		}
		found = true
		for i, sample := range one.samples {
			if value.IsStaleNaN(sample.value) {
				got = append(got, float64(sample.ms)/1000)
			}
			if i > 0 && one.samples[i-1].ms >= sample.ms {
				t.Errorf("%s is not in order of time: %v", name, one.samples)
			}
		}
	}
	if !found {
		t.Fatalf("there is no series %s", name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s has stale markers at %v, want %v", name, got, want)
	}
}

const target = `job="shop",instance="a:1"`

func TestSeriesThatAScrapeLacksIsStaleFromThatScrapeOn(t *testing.T) {
	all := loaded(t, upOf(target, "11111")+samplesOf("vanished{"+target+"}", 1000, 1015)+samplesOf("stays{"+target+"}", 1000, 1015, 1030, 1045, 1060))
	expectMarkers(t, all, "vanished", 1030)
	expectMarkers(t, all, "stays")
	expectMarkers(t, all, "up")
}

func TestSeriesThatComesBackIsStaleInBetween(t *testing.T) {
	all := loaded(t, upOf(target, "11111")+samplesOf("x{"+target+"}", 1000, 1045, 1060))
	expectMarkers(t, all, "x", 1015)
}

func TestScrapeThatFailsEndsWhatTheTargetExposes(t *testing.T) {
	all := loaded(t, upOf(target, "11001")+samplesOf("x{"+target+"}", 1000, 1015, 1060)+
		samplesOf("scrape_duration_seconds{"+target+"}", 1000, 1015, 1030, 1045, 1060))
	expectMarkers(t, all, "x", 1030)
	expectMarkers(t, all, "scrape_duration_seconds")
}

func TestScrapeThatWasNotMadeEndsNothing(t *testing.T) {
	all := loaded(t, upOf(target, "11  1")+samplesOf("x{"+target+"}", 1000, 1015, 1060))
	expectMarkers(t, all, "x")
}

func TestTargetThatIsGoneEndsAnIntervalAfterItsLastScrape(t *testing.T) {
	all := loaded(t, upOf(target, "111")+samplesOf("x{"+target+"}", 1000, 1015, 1030)+
		samplesOf("own{"+target+"}", 1003.2, 1021.9)+samplesOf("vanished{"+target+"}", 1000)+
		samplesOf(`other{job="other"}`, 1000, 1015, 1030, 1045, 1060))
	expectMarkers(t, all, "up", 1045)
	expectMarkers(t, all, "x", 1045)
	expectMarkers(t, all, "own", 1045)
	expectMarkers(t, all, "vanished", 1015)
}

func TestRecordingsEndIsNoTargetsEnd(t *testing.T) {
	// The other target is scraped a second before this one would be.
	all := loaded(t, upOf(target, "111")+samplesOf(`other{job="other"}`, 1014, 1029, 1044))
	expectMarkers(t, all, "up")
}

func TestSeriesWithTimesOfItsOwnGoesOn(t *testing.T) {
	all := loaded(t, upOf(target, "111111")+samplesOf("own{"+target+"}", 1003.2, 1021.9, 1045)+
		// A millisecond is what rounding of the written time may take.
		samplesOf("scraped{"+target+"}", 1000.001, 1015.001, 1029.999, 1045, 1060, 1075))
	expectMarkers(t, all, "own")
	expectMarkers(t, all, "scraped")
}

func TestTargetWithoutUpHasItsScrapesFromItsEvenlySpacedSeries(t *testing.T) {
	all := loaded(t, samplesOf("limit{"+target+"}", 1000, 1015.002, 1030, 1045, 1075, 1090)+
		samplesOf("vanished{"+target+"}", 1000, 1015.002)+
		samplesOf("own{"+target+"}", 1003.2, 1021.9, 1030.7)+
		samplesOf(`other{job="other"}`, 1000, 1200))
	expectMarkers(t, all, "limit", 1105)
	expectMarkers(t, all, "vanished", 1030)
	expectMarkers(t, all, "own")
}

func TestTargetsAreToldApartByJobAndInstance(t *testing.T) {
	all := loaded(t, upOf(target, "1111")+upOf(`job="shop",instance="b:1"`, "0000")+
		samplesOf("x{"+target+"}", 1000, 1015, 1030, 1045)+samplesOf(`y{job="shop",instance="b:1"}`, 1000))
	expectMarkers(t, all, "x")
	expectMarkers(t, all, "y", 1015)
}

func TestLabelValuesMayContainAnything(t *testing.T) {
	all := loaded(t, `x{a="q\"b\\s\nn}{,= # EOF",b="é 火"} 1.5e+09 1000.25`+"\n# EOF\n")
	if got, want := all[0].labels.Get("a"), "q\"b\\s\nn}{,= # EOF"; got != want {
		t.Errorf("label a is %q, want %q", got, want)
	}
	if got, want := all[0].samples, []sample{{1000250, 1.5e9}}; !slices.Equal(got, want) {
		t.Errorf("samples are %v, want %v", got, want)
	}
}

func TestTextNeedNotKeepOpenMetricsRules(t *testing.T) {
	// A counter without _total, a metric in two places, samples out of order and twice, values that are no numbers.
	all := loaded(t, "# TYPE hits counter\nhits{a=\"1\"} 2 1015\nhits{a=\"1\"} 1 1000\nhits{a=\"1\"} 1 1000\n"+
		"other +Inf 1000\nhits{a=\"2\"} NaN 1000\n")
	if len(all) != 3 {
		t.Fatalf("there are %d series, want 3: %v", len(all), all)
	}
	if got, want := all[0].samples, []sample{{1000000, 1}, {1015000, 2}}; !slices.Equal(got, want) {
		t.Errorf("samples are %v, want %v", got, want)
	}
	if nan := all[2].samples[0].value; !math.IsNaN(nan) || value.IsStaleNaN(nan) {
		t.Errorf("NaN is read as %x", math.Float64bits(nan))
	}
}

func TestErrorsOfSeriesFilesNameTheFileAndWhatToDo(t *testing.T) {
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	zip.Write([]byte(upOf(target, "1111111111")))
	zip.Close()
	for name, test := range map[string]struct {
		content []byte
		wants   []string
	}{
		"missing":       {nil, []string{"record it again"}},
		"truncated":     {zipped.Bytes()[:zipped.Len()-12], []string{"not a whole gzip file", "record it again"}},
		"empty":         {[]byte("# EOF\n"), []string{"no samples", "record it again"}},
		"broken":        {[]byte("up{a=\"1} 1 1000\n"), []string{"OpenMetrics"}},
		"without times": {[]byte("up 1\n"), []string{"up has no time"}},
		"contradicting": {[]byte("up 1 1000\nup 0 1000\n"), []string{"up", "two values, 1 and 0, at 1000.000"}},
	} {
		file := filepath.Join(t.TempDir(), "recording.om.gz")
		if test.content != nil {
			if err := os.WriteFile(file, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := loadSeries(file, thinning{})
		expectError(t, name, err, append(test.wants, file)...)
	}
}

func TestErrorsOfTheCatalogueNameTheEntryAndWhatToDo(t *testing.T) {
	for content, wants := range map[string][]string{
		"":                                {"-recordings"},
		"[":                               {"not a JSON array"},
		"[]":                              {"no recordings"},
		`[{}]`:                            {"entry 1", "no name"},
		`[{"name": "a", "kind": "leak"}]`: {"a has no file"},
		`[{"name": "a", "file": "a.om", "kind": "leaky"}]`:                                                              {`a is of kind "leaky"`, "leak, healthy or ambiguous"},
		`[{"name": "a", "file": "a.om", "kind": "leak", "started_at": [3], "killed_at": [2]}]`:                          {"a was killed", "started_at"},
		`[{"name": "a", "file": "a.om", "kind": "leak", "started_at": "now", "killed_at": [2]}]`:                        {`"now" is neither a time`},
		`[{"name": "a", "file": "a.om", "kind": "healthy"}, {"name": "a", "file": "a.om", "kind": "healthy"}]`:          {"entry 2", "taken"},
		`[{"name": "a", "file": "a.om", "kind": "healthy", "started_at": [1]}, {"name": "b", "file": "b", "kind": ""}]`: {"entry 2", `b is of kind ""`},
	} {
		folder := t.TempDir()
		if content != "" {
			if err := os.WriteFile(filepath.Join(folder, catalogueFile), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := readCatalogue(folder)
		expectError(t, content, err, append(wants, folder)...)
	}
}

func TestCatalogueToleratesWhatItNeedNotKnow(t *testing.T) {
	folder := t.TempDir()
	content := `[{"name": "spawn-storm-fast", "file": "s.om", "kind": "leak", "started_at": [30.5, 1.25], "killed_at": 20,
		"onset_at": null, "growth_ends_at": 7.5, "limit_bytes": 1.5e9, "selector": null, "unknown": {}}]`
	if err := os.WriteFile(filepath.Join(folder, catalogueFile), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	recordings, err := readCatalogue(folder)
	if err != nil {
		t.Fatal(err)
	}
	got := recordings[0]
	if got.Story != "spawn-storm" || !slices.Equal(got.StartedAt, times{1.25, 30.5}) || !slices.Equal(got.KilledAt, times{20}) ||
		len(got.OnsetAt) != 0 || !slices.Equal(got.GrowthEndsAt, times{7.5}) {
		t.Errorf("read as %+v", got)
	}
}

func expectError(t *testing.T, of string, err error, wants ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", of)
		return
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %q does not say %q", of, err, want)
		}
	}
}

func TestThinningLeavesOutScrapesAndNotSingleSamples(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.om")
	var text strings.Builder
	for _, name := range []string{"up", "go_goroutines"} {
		for at := range 40 {
			fmt.Fprintf(&text, "%s{job=\"shop\",instance=\"a\"} 1 %d\n", name, 1000+15*at)
		}
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for scraped, samples := range map[thinning][2]int{
		{}:                     {40, 40},
		{every: 30}:            {20, 20},
		{every: 60}:            {10, 10},
		{every: 60, miss: 0.5}: {2, 8},
	} {
		all, err := loadSeries(file, scraped)
		if err != nil || len(all) != 2 {
			t.Fatalf("%+v: %d series, %v", scraped, len(all), err)
		}
		up, goroutines := all[0].samples, all[1].samples
		if len(up) != len(goroutines) || len(up) < samples[0] || len(up) > samples[1] {
			t.Errorf("%+v: %d scrapes of up and %d of go_goroutines, not %v", scraped, len(up), len(goroutines), samples)
		}
	}
}
