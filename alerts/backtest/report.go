package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Kills are told apart by the age of the process: rules need some minutes of it to know what is usual. Seconds.
const (
	longLife   = 15 * 60
	mediumLife = 8 * 60
)

// report is what -json writes.
type report struct {
	// Recordings are the rows of the scored rules, Baselines those of the others by name.
	Recordings []row            `json:"recordings"`
	Baselines  map[string][]row `json:"baselines"`
	// Summary is by rule set ("ours" and each baseline), then by half ("all", "tuned", "held out").
	Summary map[string]map[string]summary `json:"summary"`

	// order is that of the rule sets.
	order []string
}

const halfAll = "all"

var halves = []string{halfAll, halfTuned, halfHeldOut}

// summary adds up rows. Figures without anything to measure are null.
type summary struct {
	Kills int `json:"kills"`
	// WithoutAlarm are the kills at which no alarm was active. They have no lead.
	WithoutAlarm int `json:"without_alarm"`
	// The kills with a lead of wantedLead and more, by the age of the process.
	RecallLong   recall   `json:"recall_15_min_and_older"`
	RecallMedium recall   `json:"recall_8_to_15_min"`
	RecallShort  recall   `json:"recall_under_8_min"`
	MedianLead   *float64 `json:"median_lead_seconds"`
	LeastLead    *float64 `json:"least_lead_seconds"`
	// ETA is by the seconds before the kill.
	ETA map[string]etaSummary `json:"eta"`
	// FalseSecondsPerHour is FalseSeconds over HealthySeconds, ambiguous recordings included.
	FalseSecondsPerHour *float64 `json:"false_seconds_per_healthy_hour"`
	// FalseAlarms are those on recordings of kind healthy, and FalseAlarmsPerHour over their hours.
	FalseAlarms        int      `json:"false_alarms"`
	FalseAlarmsPerHour *float64 `json:"false_alarms_per_healthy_hour"`
	// AmbiguousSeconds of alarm on ambiguous recordings, and the longest after the growth's end.
	AmbiguousSeconds float64  `json:"ambiguous_seconds"`
	LateSeconds      *float64 `json:"late_seconds"`
}

type recall struct {
	Kills  int `json:"kills"`
	InTime int `json:"in_time"`
}

// String has, of 14 kills, "13/14 93%".
func (r recall) String() string {
	if r.Kills == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d %.0f%%", r.InTime, r.Kills, 100*float64(r.InTime)/float64(r.Kills))
}

type etaSummary struct {
	// Count of the kills that had an ETA; errors are parts of the true time.
	Count       int      `json:"count"`
	MedianError *float64 `json:"median_error"`
	WorstError  *float64 `json:"worst_error"`
}

func newReport(sets []*ruleSet, rows [][]row) report {
	made := report{Baselines: map[string][]row{}, Summary: map[string]map[string]summary{}}
	for i, set := range sets {
		if set.name == ours {
			made.Recordings = rows[i]
		} else {
			made.Baselines[set.name] = rows[i]
		}
		made.order = append(made.order, set.name)
		made.Summary[set.name] = map[string]summary{}
		for _, half := range halves {
			made.Summary[set.name][half] = summarize(rows[i], half)
		}
	}
	return made
}

func summarize(rows []row, half string) summary {
	var sum summary
	var leads []float64
	errors := map[float64][]float64{}
	var falseSeconds, judgedSeconds, healthySeconds float64
	for _, row := range rows {
		if half != halfAll && row.Half != half {
			continue
		}
		for _, kill := range row.Kills {
			sum.Kills++
			of := sum.recallOf(kill.LifeSeconds)
			of.Kills++
			if kill.LeadSeconds == nil {
				sum.WithoutAlarm++
			} else {
				leads = append(leads, *kill.LeadSeconds)
				if *kill.LeadSeconds >= wantedLead {
					of.InTime++
				}
			}
			for _, before := range etaTimes {
				if eta := *kill.eta(before); eta != nil {
					errors[before] = append(errors[before], etaError(*eta, before))
				}
			}
		}
		falseSeconds += row.FalseSeconds
		judgedSeconds += row.HealthySeconds
		switch row.Kind {
		case kindHealthy:
			healthySeconds += row.HealthySeconds
			sum.FalseAlarms += row.FalseAlarms
		case kindAmbiguous:
			sum.AmbiguousSeconds += row.FalseSeconds
			if row.LateSeconds != nil && (sum.LateSeconds == nil || *row.LateSeconds > *sum.LateSeconds) {
				sum.LateSeconds = row.LateSeconds
			}
		}
	}
	sum.MedianLead = median(leads)
	if len(leads) > 0 {
		least := slices.Min(leads)
		sum.LeastLead = &least
	}
	sum.ETA = map[string]etaSummary{}
	for _, before := range etaTimes {
		of := etaSummary{Count: len(errors[before]), MedianError: median(errors[before])}
		if of.Count > 0 {
			worst := slices.Max(errors[before])
			of.WorstError = &worst
		}
		sum.ETA[secondsKey(before)] = of
	}
	sum.FalseSecondsPerHour = perHour(falseSeconds, judgedSeconds)
	sum.FalseAlarmsPerHour = perHour(float64(sum.FalseAlarms), healthySeconds)
	return sum
}

func (s *summary) recallOf(lifeSeconds float64) *recall {
	switch {
	case lifeSeconds >= longLife:
		return &s.RecallLong
	case lifeSeconds >= mediumLife:
		return &s.RecallMedium
	default:
		return &s.RecallShort
	}
}

func secondsKey(seconds float64) string { return strconv.FormatFloat(seconds, 'f', -1, 64) }

func median(of []float64) *float64 {
	if len(of) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(of))
	middle := sorted[len(sorted)/2]
	if len(sorted)%2 == 0 {
		middle = (middle + sorted[len(sorted)/2-1]) / 2
	}
	return &middle
}

func perHour(n, seconds float64) *float64 {
	if seconds == 0 {
		return nil
	}
	rate := n * 3600 / seconds
	return &rate
}

// write makes the file of -json.
func (r report) write(file string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("-json: %w", err)
	}
	return nil
}

// check is the error of the scored rules that do not reach what is demanded, with the recordings that are why.
func (r report) check(minRecall float64, maxFalseAlarms int) error {
	var faults []string
	all := r.Summary[ours][halfAll]
	if reached := all.RecallLong; minRecall > 0 && float64(reached.InTime) < minRecall*float64(max(1, reached.Kills)) {
		fault := fmt.Sprintf("-min-recall %g is not reached: %d of %d kills after %d min had a lead of %d s and more",
			minRecall, reached.InTime, reached.Kills, longLife/60, wantedLead)
		faults = append(faults, fault+r.list(func(row row) string {
			var late []string
			for _, kill := range row.Kills {
				if kill.LifeSeconds >= longLife && (kill.LeadSeconds == nil || *kill.LeadSeconds < wantedLead) {
					late = append(late, "lead "+orNone(kill.LeadSeconds))
				}
			}
			return strings.Join(late, ", ")
		}))
	}
	if maxFalseAlarms >= 0 && all.FalseAlarms > maxFalseAlarms {
		fault := fmt.Sprintf("-max-false-alarms %d is exceeded: healthy recordings had %d", maxFalseAlarms, all.FalseAlarms)
		faults = append(faults, fault+r.list(func(row row) string {
			if row.Kind != kindHealthy || row.FalseAlarms == 0 {
				return ""
			}
			return fmt.Sprintf("%d, %.0f s", row.FalseAlarms, row.FalseSeconds)
		}))
	}
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(faults, "\nbacktest: "))
}

// list has a line for each recording that there is something to say of.
func (r report) list(say func(row) string) string {
	var lines strings.Builder
	for _, row := range r.Recordings {
		if said := say(row); said != "" {
			fmt.Fprintf(&lines, "\n  %s: %s", row.Name, said)
		}
	}
	return lines.String()
}

// print writes the tables.
func (r report) print(out io.Writer, verbose bool) {
	fmt.Fprintf(out, "Lead is from the message (%d s after the alert) to the kill, the worst of %d offsets of evaluation. In time is %d s and more.\n",
		notificationDelay, offsets, wantedLead)
	for _, half := range halves {
		r.printSets(out, half)
	}
	r.printETA(out)
	r.printRecordings(out)
	if verbose {
		r.printAlarms(out)
	}
}

func newTable(out io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) }

func (r report) printSets(out io.Writer, half string) {
	n := 0
	for _, row := range r.Recordings {
		if half == halfAll || row.Half == half {
			n++
		}
	}
	fmt.Fprintf(out, "\nStories: %s (%d recordings)\n", half, n)
	table := newTable(out)
	fmt.Fprintln(table, "rules\tkills\tno alarm\tin time ≥15 min\t8–15 min\t<8 min\tmedian lead\tleast\tfalse s/h\tfalse alarms\t/h\tambiguous s\tlate s")
	for _, name := range r.order {
		sum := r.Summary[name][half]
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%.0f\t%s\n", name, sum.Kills, sum.WithoutAlarm,
			sum.RecallLong, sum.RecallMedium, sum.RecallShort, orNone(sum.MedianLead), orNone(sum.LeastLead),
			orDash(sum.FalseSecondsPerHour, "%.1f"), sum.FalseAlarms, orDash(sum.FalseAlarmsPerHour, "%.2f"),
			sum.AmbiguousSeconds, orDash(sum.LateSeconds, "%.0f"))
	}
	table.Flush()
}

func (r report) printETA(out io.Writer) {
	fmt.Fprintf(out, "\nError of %s\n", etaMetric)
	table := newTable(out)
	fmt.Fprintln(table, "stories\tbefore the kill\tkills with one\tmedian\tworst")
	for _, half := range halves {
		sum := r.Summary[ours][half]
		for _, before := range etaTimes {
			of := sum.ETA[secondsKey(before)]
			fmt.Fprintf(table, "%s\t%.0f s\t%d of %d\t%s\t%s\n", half, before, of.Count, sum.Kills,
				percent(of.MedianError), percent(of.WorstError))
		}
	}
	table.Flush()
}

func (r report) printRecordings(out io.Writer) {
	fmt.Fprintln(out)
	table := newTable(out)
	fmt.Fprintln(table, "recording\tkind\thalf\tlife min\tlead s\tETA at 300 s\tfalse s")
	for _, row := range r.Recordings {
		var lives, leads, etas []string
		for _, kill := range row.Kills {
			lives = append(lives, fmt.Sprintf("%.1f", kill.LifeSeconds/60))
			leads = append(leads, orNone(kill.LeadSeconds))
			etas = append(etas, orNone(kill.ETA300))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%.0f\n", row.Name, row.Kind, row.Half,
			list(lives), list(leads), list(etas), row.FalseSeconds)
	}
	table.Flush()
}

func (r report) printAlarms(out io.Writer) {
	fmt.Fprintln(out, "\nAlarms")
	table := newTable(out)
	for _, name := range r.order {
		rows := r.Recordings
		if name != ours {
			rows = r.Baselines[name]
		}
		for _, row := range rows {
			for quarters, alarms := range row.alarms {
				for _, one := range alarms {
					fmt.Fprintf(table, "%s\t%s\toffset %d/%d\t%s\t%.0f s\n", name, row.Name, quarters, offsets,
						time.UnixMilli(int64(one.from*1000)).UTC().Format(time.RFC3339), one.until-one.from)
				}
			}
		}
	}
	table.Flush()
}

func list(texts []string) string { return cmp.Or(strings.Join(texts, ", "), "-") }

func orNone(seconds *float64) string {
	if seconds == nil {
		return "none"
	}
	return fmt.Sprintf("%.0f", *seconds)
}

func orDash(number *float64, format string) string {
	if number == nil {
		return "-"
	}
	return fmt.Sprintf(format, *number)
}

func percent(part *float64) string {
	if part == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f%%", 100**part)
}
