package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
)

// The kinds of recordings. Growth that ends by itself is ambiguous: while it grows, no alert can know.
const (
	kindLeak      = "leak"
	kindHealthy   = "healthy"
	kindAmbiguous = "ambiguous"
)

// catalogueFile lists the recordings of a folder.
const catalogueFile = "recordings.json"

// Recording is an entry of recordings.json: the series of one process, over all its lives. Times are Unix seconds.
type Recording struct {
	Name string `json:"name"`
	// Story is what Name is a variant of, at another speed or limit.
	Story string `json:"story"`
	// File holds the series as OpenMetrics text, in gzip or plain, relative to the folder.
	File string `json:"file"`
	Kind string `json:"kind"`
	// StartedAt has the start of each life, KilledAt the kernel's kills. A life may end in other ways.
	StartedAt times `json:"started_at"`
	KilledAt  times `json:"killed_at"`
	// OnsetAt is when what kills begins. A life without one leaks from its start on.
	OnsetAt times `json:"onset_at"`
	// GrowthEndsAt is when an ambiguous growth has ended.
	GrowthEndsAt times   `json:"growth_ends_at"`
	LimitBytes   float64 `json:"limit_bytes"`
	// Selector is what the labels of an alert for this process agree with, as far as the alert has them.
	Selector map[string]string `json:"selector"`
}

// times are in JSON a number, an array of numbers, or null; in memory in ascending order.
type times []float64

func (t *times) UnmarshalJSON(text []byte) error {
	var many []float64
	if err := json.Unmarshal(text, &many); err != nil {
		var one float64
		if json.Unmarshal(text, &one) != nil {
			return fmt.Errorf("%s is neither a time in Unix seconds nor an array of them", text)
		}
		many = []float64{one}
	}
	slices.Sort(many)
	*t = many
	return nil
}

// lastUntil is the last of the times that is not after at.
func (t times) lastUntil(at float64) (float64, bool) {
	i, found := slices.BinarySearch(t, at)
	if found {
		return at, true
	}
	if i == 0 {
		return 0, false
	}
	return t[i-1], true
}

// variant is what tells recordings of one story apart: its speed or a number.
var variant = regexp.MustCompile(`-(fast|slow|\d+)$`)

// readCatalogue reads the recordings.json of a folder.
func readCatalogue(folder string) ([]Recording, error) {
	path := filepath.Join(folder, catalogueFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: give the folder of recordings by -recordings, or make them with npm run alerts:record", err)
	}
	var recordings []Recording
	if err := json.Unmarshal(text, &recordings); err != nil {
		return nil, fmt.Errorf("%s is not a JSON array of recordings: %w", path, err)
	}
	if len(recordings) == 0 {
		return nil, fmt.Errorf("%s has no recordings: make them with npm run alerts:record", path)
	}
	names := map[string]bool{}
	for i := range recordings {
		recording := &recordings[i]
		if err := recording.validate(); err != nil {
			return nil, fmt.Errorf("%s, entry %d: %w", path, i+1, err)
		}
		if names[recording.Name] {
			return nil, fmt.Errorf("%s, entry %d: the name %s is taken by an earlier one: rename it", path, i+1, recording.Name)
		}
		names[recording.Name] = true
		if recording.Story == "" {
			recording.Story = variant.ReplaceAllString(recording.Name, "")
		}
	}
	return recordings, nil
}

func (r Recording) validate() error {
	switch {
	case r.Name == "":
		return errors.New("it has no name: give it one")
	case r.File == "":
		return fmt.Errorf("%s has no file: name the one with its series", r.Name)
	case r.Kind != kindLeak && r.Kind != kindHealthy && r.Kind != kindAmbiguous:
		return fmt.Errorf("%s is of kind %q: it has to be %s, %s or %s", r.Name, r.Kind, kindLeak, kindHealthy, kindAmbiguous)
	}
	for _, killedAt := range r.KilledAt {
		if _, ok := r.StartedAt.lastUntil(killedAt); !ok {
			return fmt.Errorf("%s was killed at %f, before any time in started_at: add the start of that life", r.Name, killedAt)
		}
	}
	return nil
}

// series is one time series, its samples in order of time.
type series struct {
	labels  labels.Labels
	samples []sample
}

type sample struct {
	// ms is in Unix milliseconds.
	ms    int64
	value float64
}

func (s *series) last() sample { return s.samples[len(s.samples)-1] }

// loadSeries reads the series of a recording, with the stale markers that its text cannot carry.
func loadSeries(path string, scraped thinning) ([]series, error) {
	text, err := readText(path)
	if err != nil {
		return nil, err
	}
	all, err := parseOpenMetrics(text)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read as OpenMetrics text: %w", path, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no samples: record it again", path)
	}
	all = scraped.apply(all)
	addStaleMarkers(all)
	return all, nil
}

// thinning makes of a recording what a rarer scrape would have made of it.
type thinning struct {
	// every is the least time between two scrapes, in seconds; 0 keeps all.
	every float64
	// miss is the share of these scrapes that is left out, as one that was not made.
	miss float64
}

func (t thinning) apply(all []series) []series {
	if t == (thinning{}) {
		return all
	}
	type target struct{ job, instance string }
	targets := map[target][]*series{}
	for i := range all {
		of := target{all[i].labels.Get("job"), all[i].labels.Get("instance")}
		targets[of] = append(targets[of], &all[i])
	}
	for of, exposed := range targets {
		scrapes, _ := scrapesOf(exposed)
		kept := t.keep(scrapes, of.instance)
		for _, s := range exposed {
			if s.hasScrapeTimes(scrapes) {
				s.samples = slices.DeleteFunc(s.samples, func(at sample) bool {
					i := scrapeAt(kept, at.ms)
					return i == len(kept) || kept[i] > at.ms+sameScrapeMs
				})
				continue
			}
			own := t.keep(s.timesMs(), of.instance)
			s.samples = slices.DeleteFunc(s.samples, func(at sample) bool { return !slices.Contains(own, at.ms) })
		}
	}
	return slices.DeleteFunc(all, func(s series) bool { return len(s.samples) == 0 })
}

// keep picks times that are every seconds apart, less a share of them that depends on nothing but the times and the seed.
func (t thinning) keep(sortedMs []int64, seed string) []int64 {
	chance := rand.New(rand.NewPCG(uint64(len(sortedMs)), uint64(len(seed))))
	var kept []int64
	last := int64(math.MinInt64 / 2)
	for _, ms := range sortedMs {
		// Scrapes are not punctual to the millisecond.
		if float64(ms-last) < 1000*t.every-500 {
			continue
		}
		last = ms
		if chance.Float64() >= t.miss {
			kept = append(kept, ms)
		}
	}
	return kept
}

func readText(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: record it again, or remove its entry from %s", err, catalogueFile)
	}
	if !bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
		return content, nil
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(content))
	if err == nil {
		content, err = io.ReadAll(unzipped)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is not a whole gzip file (%w): record it again", path, err)
	}
	return content, nil
}

// parseOpenMetrics reads each sample of the text; types, units and exemplars say nothing that a rule could see. The
// end mark may be missing, and series and their samples may be in any order.
func parseOpenMetrics(text []byte) ([]series, error) {
	const end = "# EOF\n"
	text = append(bytes.TrimRight(text, "\n"), '\n')
	if !bytes.HasSuffix(text, []byte(end)) {
		text = append(text, end...)
	}
	var all []series
	byText := map[string]int{}
	byLabels := map[string]int{}
	parser := textparse.NewOpenMetricsParser(text, labels.NewSymbolTable())
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		written, ms, number := parser.Series()
		if ms == nil {
			return nil, fmt.Errorf("a sample of %s has no time: add it in seconds after the value", written)
		}
		i, ok := byText[string(written)]
		if !ok {
			var of labels.Labels
			parser.Labels(&of)
			if i, ok = byLabels[of.String()]; !ok {
				i = len(all)
				all = append(all, series{labels: of})
				byLabels[of.String()] = i
			}
			byText[string(written)] = i
		}
		all[i].samples = append(all[i].samples, sample{*ms, number})
	}
	for i := range all {
		if err := all[i].sort(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// sort puts the samples in order of time, each of them once.
func (s *series) sort() error {
	slices.SortStableFunc(s.samples, func(a, b sample) int { return cmp.Compare(a.ms, b.ms) })
	for i := 1; i < len(s.samples); i++ {
		a, b := s.samples[i-1], s.samples[i]
		if a.ms == b.ms && math.Float64bits(a.value) != math.Float64bits(b.value) {
			return fmt.Errorf("%s has two values, %g and %g, at %.3f", s.labels, a.value, b.value, float64(a.ms)/1000)
		}
	}
	s.samples = slices.Compact(s.samples)
	return nil
}

// sameScrapeMs is by how much the written times of samples of one scrape may differ.
const sameScrapeMs = 1

// addStaleMarkers adds the markers that Prometheus writes where a series or its target ends, and that OpenMetrics text
// cannot carry: an imported NaN is not value.StaleNaN. Without them a dead process lingers for five minutes. See
// scrapeLoop in https://github.com/prometheus/prometheus/blob/main/scrape/scrape.go.
//
// All series of one job and instance are a target, and its scrapes are the samples of `up`:
//
//   - a series that a scrape lacks ends there. When up is 0, this is each that the target exposes;
//   - a scrape that was not made is no sample of `up`, and ends nothing;
//   - a series with times of its own, as cAdvisor's, goes on for five minutes: Prometheus does not track it;
//   - where `up` ends before the recording does, the target is gone, and all its series with it, one interval later.
//
// A target without `up` has its scrapes from those of its series that are evenly spaced. Its end cannot be told from
// that of its series.
func addStaleMarkers(all []series) {
	type target struct{ job, instance string }
	targets := map[target][]*series{}
	var endMs int64 = math.MinInt64
	for i := range all {
		s := &all[i]
		of := target{s.labels.Get("job"), s.labels.Get("instance")}
		targets[of] = append(targets[of], s)
		endMs = max(endMs, s.last().ms)
	}
	for _, exposed := range targets {
		scrapes, hasUp := scrapesOf(exposed)
		if len(scrapes) < 2 {
			continue
		}
		goneMs := scrapes[len(scrapes)-1] + medianInterval(scrapes)
		for _, s := range exposed {
			if s.hasScrapeTimes(scrapes) {
				s.markWhereMissing(scrapes)
			} else if !hasUp {
				continue
			}
			if goneMs <= endMs && s.last().ms < goneMs && !value.IsStaleNaN(s.last().value) {
				s.samples = append(s.samples, staleMarker(goneMs))
			}
		}
	}
}

func staleMarker(ms int64) sample { return sample{ms, math.Float64frombits(value.StaleNaN)} }

// scrapesOf has the times at which a target was scraped, in milliseconds.
func scrapesOf(exposed []*series) (scrapes []int64, hasUp bool) {
	for _, s := range exposed {
		if s.labels.Get(labels.MetricName) == "up" {
			scrapes, hasUp = append(scrapes, s.timesMs()...), true
		}
	}
	for _, s := range exposed {
		if !hasUp && s.isEvenlySpaced() {
			scrapes = append(scrapes, s.timesMs()...)
		}
	}
	slices.Sort(scrapes)
	return slices.CompactFunc(scrapes, func(a, b int64) bool { return max(a-b, b-a) <= sameScrapeMs }), hasUp
}

func (s *series) timesMs() []int64 {
	ms := make([]int64, len(s.samples))
	for i, sample := range s.samples {
		ms[i] = sample.ms
	}
	return ms
}

// isEvenlySpaced tells times that Prometheus gave from those that the target gave. Prometheus keeps to a grid; missed
// scrapes are whole intervals.
func (s *series) isEvenlySpaced() bool {
	ms := s.timesMs()
	if len(ms) < 2 {
		return false
	}
	interval := medianInterval(ms)
	even := 0
	for i := 1; i < len(ms); i++ {
		off := (ms[i] - ms[i-1]) % interval
		// Prometheus is punctual to 2 ms, or somewhat less on a busy machine.
		if min(off, interval-off) <= max(2, interval/100) {
			even++
		}
	}
	return even*10 >= 9*(len(ms)-1)
}

func medianInterval(sortedMs []int64) int64 {
	intervals := make([]int64, len(sortedMs)-1)
	for i := range intervals {
		intervals[i] = sortedMs[i+1] - sortedMs[i]
	}
	slices.Sort(intervals)
	return intervals[len(intervals)/2]
}

// hasScrapeTimes is false for a series whose target writes times of its own: these meet a scrape's by chance only.
func (s *series) hasScrapeTimes(scrapes []int64) bool {
	met := 0
	for _, sample := range s.samples {
		if i := scrapeAt(scrapes, sample.ms); i < len(scrapes) && scrapes[i] <= sample.ms+sameScrapeMs {
			met++
		}
	}
	return 2*met >= len(s.samples)
}

// scrapeAt is the index of the first scrape that is at ms or later.
func scrapeAt(scrapes []int64, ms int64) int {
	i, _ := slices.BinarySearch(scrapes, ms-sameScrapeMs)
	return i
}

// markWhereMissing ends the series at each scrape that lacks it and follows one that has it.
func (s *series) markWhereMissing(scrapes []int64) {
	marked := make([]sample, 0, len(s.samples)+1)
	for i, at := range s.samples {
		marked = append(marked, at)
		next := scrapeAt(scrapes, at.ms+2*sameScrapeMs+1)
		if next == len(scrapes) {
			continue
		}
		if i+1 == len(s.samples) || s.samples[i+1].ms > scrapes[next]+sameScrapeMs {
			marked = append(marked, staleMarker(scrapes[next]))
		}
	}
	s.samples = marked
}

// bounds are the times of the first and of the last sample, in Unix milliseconds.
func bounds(all []series) (firstMs, lastMs int64) {
	firstMs, lastMs = math.MaxInt64, math.MinInt64
	for i := range all {
		firstMs, lastMs = min(firstMs, all[i].samples[0].ms), max(lastMs, all[i].last().ms)
	}
	return firstMs, lastMs
}
