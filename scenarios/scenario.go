package main

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// A scenario is one way in which the article's programs ran out of memory, or one in which they did not.
//
// To add one: a file that holds its scenario value and its functions, and one entry in the table below.
// The functions are package main's own, so that a call tree names them as a user's program would: main.processNode.
type scenario struct {
	Name string
	// Row is the scenario's row in the article's table, 0 where it is none of them.
	Row int
	// Does and Look are one sentence each: what the program does, and what a person should see of it.
	Does, Look string
	// Unit is what Rate and Max count, a plural such as "MiB"; "goroutines" where it is empty.
	Unit string
	// Rate (units a second), Max (the bound on units held at once) and Period (of what the scenario repeats; 0 where
	// it repeats nothing) are used where the flags give none.
	Rate   float64
	Max    int
	Period time.Duration
	// Run works until ctx ends, and holds to the config's bound meanwhile.
	Run func(context.Context, config) error
}

// config is what a running scenario may use.
type config struct {
	// Rate is the number of the scenario's units in a second.
	Rate float64
	// Max is the greatest number of them held at once.
	Max int
	// Period is the time between two of what the scenario repeats.
	Period time.Duration
	// Mux serves the program's own address, URL (no trailing slash): a place for the scenario's handlers.
	Mux *http.ServeMux
	URL string
}

var scenarios = []scenario{
	spawnStorm,
	channelReceiver,
	handlerLeak,
	waitgroupMisuse,
	closureCapture,
	deferChain,
	nestedPanic,
	cgoLeak,
	cgoBlocked,
	middlewareRewrap,
	contextChain,
	deepRecursion,
	heapLeak,
	burstLeak,
	memlimitLeak,
	retryStorm,
	healthy,
	steady,
	gcSawtooth,
	slowStart,
	cacheWarmUp,
	dailyWave,
	trafficBurst,
	configStep,
	fullButFlat,
	rollingRestart,
	batchJob,
	connectionPool,
	leakFixed,
	longBurst,
}

func (s scenario) unit() string {
	if s.Unit == "" {
		return "goroutines"
	}
	return s.Unit
}

func findScenario(name string) (scenario, error) {
	names := make([]string, 0, len(scenarios))
	for _, s := range scenarios {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if name == "" {
		return scenario{}, fmt.Errorf("no scenario chosen: give one with -scenario: %s", strings.Join(names, ", "))
	}
	return scenario{}, fmt.Errorf("no scenario %q: there are %s", name, strings.Join(names, ", "))
}

// pace limits to perSecond events. It lets a tenth of a second's worth catch up at once, as timers are too coarse
// to wake ten thousand times a second; and at least two, as a tree node starts two goroutines.
func pace(perSecond float64) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(perSecond), max(2, int(math.Ceil(perSecond/10))))
}
