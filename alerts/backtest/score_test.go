package main

import (
	"math"
	"strings"
	"testing"
)

// lineOf is a timeline of an evaluation every 20 s from 1000 on, "#" firing and "." not, without ETA.
func lineOf(states string) timeline {
	line := timeline{interval: 20}
	for i, state := range states {
		line.steps = append(line.steps, step{at: float64(1000 + 20*i), firing: state == '#', eta: math.NaN()})
	}
	return line
}

func leakOf(started, killed, onset times) Recording {
	return Recording{Name: "leak", Story: "leak", Kind: kindLeak, StartedAt: started, KilledAt: killed, OnsetAt: onset}
}

func expectSeconds(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || *got != want {
		t.Errorf("%s is %s, want %g", what, orNone(got), want)
	}
}

func TestAlarmIsFromTheEvaluationThatFiresToTheFirstThatDoesNot(t *testing.T) {
	got := alarmsOf(lineOf("..###..").steps)
	if len(got) != 1 || got[0] != (alarm{from: 1040, lastFiring: 1080, until: 1100}) {
		t.Errorf("alarms are %+v", got)
	}
	got = alarmsOf(lineOf("..##").steps)
	if len(got) != 1 || got[0] != (alarm{from: 1040, lastFiring: 1060, until: 1060}) {
		t.Errorf("alarms at the recording's end are %+v", got)
	}
}

func TestAlarmsWithAGapOfAMinuteAreOne(t *testing.T) {
	// Ends at 1040, and is back 60 s later, and 80 s later.
	if got := alarmsOf(lineOf("##...##").steps); len(got) != 1 || got[0] != (alarm{1000, 1120, 1120}) {
		t.Errorf("after 60 s: %+v", got)
	}
	if got := alarmsOf(lineOf("##....##").steps); len(got) != 2 {
		t.Errorf("after 80 s: %+v", got)
	}
}

func TestLeadIsFromTheMessageToTheKill(t *testing.T) {
	// Fires at 1100, is sent at 1130.
	line := lineOf(".....##########")
	expectSeconds(t, "lead", scoreOne(leakOf(times{990}, times{1250}, nil), line).Kills[0].LeadSeconds, 120)
}

func TestLeadIsOfTheAlarmThatIsActiveAtTheKill(t *testing.T) {
	recording := leakOf(times{990}, times{1250}, nil)
	if lead := scoreOne(recording, lineOf(".###.....................")).Kills[0].LeadSeconds; lead != nil {
		t.Errorf("an alarm that was over long before the kill has lead %g", *lead)
	}
	if lead := scoreOne(recording, lineOf("..............#####")).Kills[0].LeadSeconds; lead != nil {
		t.Errorf("an alarm that fires after the kill has lead %g", *lead)
	}
	// Last fires at 1200, 50 s before the kill.
	expectSeconds(t, "lead of an alarm that has just ended", scoreOne(recording, lineOf(".....######......")).Kills[0].LeadSeconds, 120)
	// Two alarms: the first is over.
	expectSeconds(t, "lead of the second alarm", scoreOne(recording, lineOf("##.......####")).Kills[0].LeadSeconds, 40)
}

func TestLeadCountsFromTheOnsetAtTheEarliest(t *testing.T) {
	always := lineOf(strings.Repeat("#", 40))
	expectSeconds(t, "lead", scoreOne(leakOf(times{900}, times{1700}, times{1400}), always).Kills[0].LeadSeconds, 270)
	// The onset is in the first life, the second leaks from its start.
	two := scoreOne(leakOf(times{900, 1500}, times{1450, 1750}, times{1400}), always)
	expectSeconds(t, "lead of the first life", two.Kills[0].LeadSeconds, 20)
	expectSeconds(t, "lead of the second life", two.Kills[1].LeadSeconds, 220)
	if two.Kills[1].LifeSeconds != 250 {
		t.Errorf("the second life is %g s", two.Kills[1].LifeSeconds)
	}
}

func TestAlarmBeforeTheOnsetIsFalse(t *testing.T) {
	got := scoreOne(leakOf(times{990}, times{1700}, times{1400}), lineOf("..###...................."+strings.Repeat("#", 11)))
	// 60 s that end, and none of the one from 1500 on.
	if got.FalseSeconds != 60 || got.FalseAlarms != 1 || got.HealthySeconds != 410 {
		t.Errorf("%g false seconds, %d false alarms in %g s", got.FalseSeconds, got.FalseAlarms, got.HealthySeconds)
	}
	leaksFromItsStart := scoreOne(leakOf(times{990}, times{1700}, nil), lineOf("..###...................."))
	if leaksFromItsStart.FalseSeconds != 0 || leaksFromItsStart.HealthySeconds != 0 {
		t.Errorf("without onset: %g false seconds of %g", leaksFromItsStart.FalseSeconds, leaksFromItsStart.HealthySeconds)
	}
	if got := scoreOne(leakOf(times{990}, times{1300}, times{1400}), lineOf("..###....")); got.HealthySeconds != 0 {
		t.Errorf("killed before the onset: %g healthy seconds", got.HealthySeconds)
	}
}

func TestAlarmThatAKillLeavesToTheNextLifeIsNotFalseForAWhile(t *testing.T) {
	// Killed at 1100, restarted at 1110, and the next onset is at 2000. The alarm is from 1060 on.
	recording := leakOf(times{900, 1110}, times{1100, 2400}, times{2000})
	until := func(seconds int) timeline {
		return lineOf("..." + strings.Repeat("#", (seconds-1060)/20) + strings.Repeat(".", 60))
	}
	if got := scoreOne(recording, until(1420)); got.FalseSeconds != 0 || got.FalseAlarms != 0 {
		t.Errorf("kept firing for 5 min after the kill: %g s of %d false alarms", got.FalseSeconds, got.FalseAlarms)
	}
	if got := scoreOne(recording, until(1500)); got.FalseSeconds != 70 || got.FalseAlarms != 1 {
		t.Errorf("firing 400 s after the kill: %g s of %d false alarms, want the 70 after 330 s", got.FalseSeconds, got.FalseAlarms)
	}
	// One that fires anew in the next life, at 1200.
	if got := scoreOne(recording, lineOf("..........##.........")); got.FalseSeconds != 40 {
		t.Errorf("a new alarm: %g false seconds, want 40", got.FalseSeconds)
	}
	if got := scoreOne(recording, lineOf(".")); got.HealthySeconds != 890 {
		t.Errorf("%g healthy seconds, want the 890 of the life that has an onset", got.HealthySeconds)
	}
}

func TestEachAlarmOfAHealthyRecordingIsFalse(t *testing.T) {
	got := scoreOne(Recording{Kind: kindHealthy, StartedAt: times{990}}, lineOf(".##......###....."))
	if got.FalseSeconds != 100 || got.FalseAlarms != 2 || got.HealthySeconds != 320 || got.LateSeconds != nil {
		t.Errorf("%+v", got)
	}
}

func TestAmbiguousGrowthsAlarmIsLateFromItsEndOn(t *testing.T) {
	late := func(states string, ends ...float64) float64 {
		return *scoreOne(Recording{Kind: kindAmbiguous, GrowthEndsAt: ends}, lineOf(states)).LateSeconds
	}
	// Active from 1100 to 1200.
	for ends, want := range map[float64]float64{1000: 100, 1100: 100, 1150: 50, 1200: 0, 1300: 0} {
		if got := late(".....#####......", ends); got != want {
			t.Errorf("growth that ends at %g is late by %g s, want %g", ends, got, want)
		}
	}
	// The second alarm, from 1200 to 1320, is for the growth that ends at 1300.
	if got := late("..###.....######....", 1080, 1300); got != 20 {
		t.Errorf("two growths are late by %g s, want 20", got)
	}
	if got := scoreOne(Recording{Kind: kindAmbiguous}, lineOf("##")).LateSeconds; got != nil {
		t.Errorf("growth without an end is late by %g s", *got)
	}
}

func TestETAIsOfTheLastEvaluationBeforeItsTime(t *testing.T) {
	line := lineOf(strings.Repeat(".", 60))
	for i := range line.steps {
		line.steps[i].eta = float64(i)
	}
	line.steps[29].eta = math.NaN()
	// 300 s before is 1790: evaluation 39. 420 s: 1670, 33. 600 s: 1490, 24.
	got := scoreOne(leakOf(times{990}, times{2090}, nil), line).Kills[0]
	expectSeconds(t, "ETA at 300 s", got.ETA300, 39)
	expectSeconds(t, "ETA at 420 s", got.ETA420, 33)
	expectSeconds(t, "ETA at 600 s", got.ETA600, 24)
	// 300 s before 1880 is 1580, which has none; 420 s is in another life.
	got = scoreOne(leakOf(times{990, 1500}, times{1480, 1880}, nil), line).Kills[1]
	if got.ETA300 != nil || got.ETA420 != nil {
		t.Errorf("ETA at 300 s is %s, at 420 s %s, want none", orNone(got.ETA300), orNone(got.ETA420))
	}
}

func TestETAEndsWithTheEvaluations(t *testing.T) {
	line := timeline{interval: 20, steps: []step{{at: 1000, eta: 500}}}
	// 600 s before the kills are 1020 and 1021.
	got := scoreOne(leakOf(times{990}, times{1620, 1621}, nil), line)
	expectSeconds(t, "ETA an interval later", got.Kills[0].ETA600, 500)
	if got.Kills[1].ETA600 != nil {
		t.Errorf("more than an interval later the ETA is %g", *got.Kills[1].ETA600)
	}
}

func TestScoreIsTheWorstOfTheOffsets(t *testing.T) {
	recording := leakOf(times{900}, times{1700}, times{1200})
	early, late := lineOf(strings.Repeat("#", 36)), lineOf(strings.Repeat(".", 30)+"######")
	early.steps[20].eta, late.steps[20].eta = 290, 500 // at 1400: 300 s before
	got := score(recording, []timeline{early, late, early})
	expectSeconds(t, "lead", got.Kills[0].LeadSeconds, 70)
	expectSeconds(t, "ETA", got.Kills[0].ETA300, 500)
	if got.FalseSeconds != 200 {
		t.Errorf("%g false seconds, want 200", got.FalseSeconds)
	}
	for _, lines := range [][]timeline{{early, lineOf("..")}, {lineOf(".."), early}} {
		if lead := score(recording, lines).Kills[0].LeadSeconds; lead != nil {
			t.Errorf("an offset without alarm is no lead, not %g", *lead)
		}
	}
}

func TestStoriesHalfIsFixedByItsName(t *testing.T) {
	// What sha256sum begins with: 2e, c3, b2, 57.
	for story, want := range map[string]string{
		"spawn-storm": halfTuned, "channel-receiver": halfHeldOut, "heap-leak": halfTuned, "steady": halfHeldOut,
	} {
		if got := halfOf(story); got != want {
			t.Errorf("%s is %s, want %s", story, got, want)
		}
	}
}
