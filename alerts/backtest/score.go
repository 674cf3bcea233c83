package main

import (
	"crypto/sha256"
	"math"
	"slices"
)

const (
	// mergeGap: an alarm that comes back so soon is one alarm for the person who got it, in seconds.
	mergeGap = 60
	// notificationDelay is from the evaluation at which an alert fires to the message: Alertmanager's default
	// group_wait, in seconds.
	notificationDelay = 30
	// carriedFor is for how long after a kill an alarm for it may stay, into the next life: 5 minutes of
	// keep_firing_for, and the evaluations around them, in seconds.
	carriedFor = 5*60 + 30
	// wantedLead is what counts as an alarm in time, in seconds.
	wantedLead = 300
)

// row is the score of a recording: the worst of all offsets, figure by figure. Times are in seconds.
type row struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Story string `json:"story"`
	Half  string `json:"half"`
	Kills []kill `json:"kills"`
	// FalseSeconds of alarm: all of a healthy or ambiguous recording's, those before the onset of a leak.
	FalseSeconds float64 `json:"false_seconds"`
	// FalseAlarms are the alarms that FalseSeconds are of.
	FalseAlarms int `json:"false_alarms"`
	// HealthySeconds are those in which an alarm is false.
	HealthySeconds float64 `json:"healthy_seconds"`
	// LateSeconds is the longest that an alarm lasts after an ambiguous growth has ended; null where there is no end.
	LateSeconds *float64 `json:"late_seconds"`

	// alarms are those of each offset, for -v.
	alarms [][]alarm
}

type kill struct {
	// At is in Unix seconds.
	At float64 `json:"at"`
	// LifeSeconds is the age of the process.
	LifeSeconds float64 `json:"life_seconds"`
	// LeadSeconds are from the message to the kill; null if no alarm was active then.
	LeadSeconds *float64 `json:"lead_seconds"`
	// ETA is what the rules said at so many seconds before the kill; null if they said nothing.
	ETA600 *float64 `json:"eta_at_600"`
	ETA420 *float64 `json:"eta_at_420"`
	ETA300 *float64 `json:"eta_at_300"`
}

// etaTimes are the seconds before a kill at which the ETA is compared with them.
var etaTimes = []float64{600, 420, 300}

func (k *kill) eta(before float64) **float64 {
	switch before {
	case 600:
		return &k.ETA600
	case 420:
		return &k.ETA420
	default:
		return &k.ETA300
	}
}

func etaError(eta, before float64) float64 { return math.Abs(eta-before) / before }

// halfOf splits recordings by their story, so that no story is in both halves: rules are tuned on one half, and the
// other tells what they are worth. Which half a story is in was fixed before any tuning, by its name alone: "tuned" if
// the first byte of its SHA-256 is even, else "held out".
func halfOf(story string) string {
	if sha256.Sum256([]byte(story))[0]%2 == 0 {
		return halfTuned
	}
	return halfHeldOut
}

const (
	halfTuned   = "tuned"
	halfHeldOut = "held out"
)

// alarm is a stretch of evaluations with a firing alert, gaps of mergeGap and less included. Unix seconds.
type alarm struct {
	from float64
	// lastFiring is the last evaluation that has it.
	lastFiring float64
	// until is the first evaluation that does not, or the recording's last.
	until float64
}

func (a alarm) overlap(from, until float64) float64 {
	return max(0, min(a.until, until)-max(a.from, from))
}

func alarmsOf(steps []step) []alarm {
	var alarms []alarm
	firing := false
	for _, step := range steps {
		last := len(alarms) - 1
		switch {
		case firing:
			alarms[last].until = step.at
			if step.firing {
				alarms[last].lastFiring = step.at
			}
		case step.firing && last >= 0 && step.at-alarms[last].until <= mergeGap:
			alarms[last].lastFiring, alarms[last].until = step.at, step.at
		case step.firing:
			alarms = append(alarms, alarm{step.at, step.at, step.at})
		}
		firing = step.firing
	}
	return alarms
}

// score is the worst over the timelines of one recording, one for each offset.
func score(recording Recording, lines []timeline) row {
	worst := scoreOne(recording, lines[0])
	for _, line := range lines[1:] {
		worst.worsen(scoreOne(recording, line))
	}
	return worst
}

// worsen takes each figure from the worse of the two rows of one recording. No alarm is worse than a late one; an
// offset without an ETA has no error, so the others' is the worst.
func (r *row) worsen(other row) {
	r.FalseSeconds = max(r.FalseSeconds, other.FalseSeconds)
	r.FalseAlarms = max(r.FalseAlarms, other.FalseAlarms)
	r.HealthySeconds = max(r.HealthySeconds, other.HealthySeconds)
	if r.LateSeconds != nil {
		*r.LateSeconds = max(*r.LateSeconds, *other.LateSeconds)
	}
	r.alarms = append(r.alarms, other.alarms...)
	for i := range r.Kills {
		mine, others := &r.Kills[i], other.Kills[i]
		if mine.LeadSeconds != nil && (others.LeadSeconds == nil || *others.LeadSeconds < *mine.LeadSeconds) {
			mine.LeadSeconds = others.LeadSeconds
		}
		for _, before := range etaTimes {
			a, b := mine.eta(before), *others.eta(before)
			if b != nil && (*a == nil || etaError(*b, before) > etaError(**a, before)) {
				*a = b
			}
		}
	}
}

func scoreOne(recording Recording, line timeline) row {
	alarms := alarmsOf(line.steps)
	scored := row{
		Name: recording.Name, Kind: recording.Kind, Story: recording.Story, Half: halfOf(recording.Story),
		Kills:  []kill{},
		alarms: [][]alarm{alarms},
	}
	for _, at := range recording.KilledAt {
		scored.Kills = append(scored.Kills, scoreKill(recording, at, alarms, line))
	}
	if recording.Kind == kindLeak {
		scored.scoreBeforeOnsets(recording, alarms)
		return scored
	}
	scored.FalseAlarms = len(alarms)
	for _, one := range alarms {
		scored.FalseSeconds += one.until - one.from
	}
	if n := len(line.steps); n > 0 {
		scored.HealthySeconds = line.steps[n-1].at - line.steps[0].at
	}
	if recording.Kind == kindAmbiguous && len(recording.GrowthEndsAt) > 0 {
		late := lateSeconds(recording.GrowthEndsAt, alarms)
		scored.LateSeconds = &late
	}
	return scored
}

func scoreKill(recording Recording, at float64, alarms []alarm, line timeline) kill {
	start, _ := recording.StartedAt.lastUntil(at)
	scored := kill{At: at, LifeSeconds: at - start}
	// An alarm of a former life, and one that fires before what kills begins, warns from then on.
	warnable := start
	for _, onset := range recording.OnsetAt {
		if onset >= start && onset <= at {
			warnable = onset
			break
		}
	}
	for _, one := range alarms {
		if one.from <= at && one.lastFiring >= at-mergeGap {
			lead := at - max(one.from, warnable) - notificationDelay
			scored.LeadSeconds = &lead
		}
	}
	for _, before := range etaTimes {
		if eta, ok := line.etaAt(at-before, start); ok {
			*scored.eta(before) = &eta
		}
	}
	return scored
}

// etaAt is the ETA of the last evaluation until at, if it is of this life and no interval ago.
func (t timeline) etaAt(at, start float64) (float64, bool) {
	i, found := slices.BinarySearchFunc(t.steps, at, func(step step, at float64) int {
		if step.at < at {
			return -1
		}
		if step.at > at {
			return 1
		}
		return 0
	})
	if !found {
		i--
	}
	if i < 0 {
		return 0, false
	}
	last := t.steps[i]
	return last.eta, last.at >= start && at-last.at <= t.interval && !math.IsNaN(last.eta)
}

// scoreBeforeOnsets scores a leak's time from the start of a life to the onset in it, where there is one. An alarm for
// the last kill that is kept firing for a while is not false.
func (r *row) scoreBeforeOnsets(recording Recording, alarms []alarm) {
	for _, onset := range recording.OnsetAt {
		start, ok := recording.StartedAt.lastUntil(onset)
		if !ok {
			continue
		}
		lastKill, killed := recording.KilledAt.lastUntil(onset)
		if killed && lastKill > start {
			// That life was over before its onset.
			continue
		}
		r.HealthySeconds += onset - start
		for _, one := range alarms {
			from := start
			if killed && one.from <= lastKill {
				from = max(start, lastKill+carriedFor)
			}
			if seconds := one.overlap(from, onset); seconds > 0 {
				r.FalseSeconds += seconds
				r.FalseAlarms++
			}
		}
	}
}

// lateSeconds is the longest that an alarm lasts after an end of growth. One that fires between two growths may be for
// the second; one that fires after the last of them is late as a whole.
func lateSeconds(ends times, alarms []alarm) float64 {
	longest := 0.0
	for i, end := range ends {
		next := math.Inf(1)
		if i+1 < len(ends) {
			next = ends[i+1]
		}
		for _, one := range alarms {
			if one.from <= end || i+1 == len(ends) {
				longest = max(longest, one.overlap(end, next))
			}
		}
	}
	return longest
}
