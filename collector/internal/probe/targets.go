package probe

import (
	"context"
	"time"

	"github.com/stackpressure/goroutines/collector/calltree"
	"github.com/stackpressure/goroutines/collector/internal/config"
	"github.com/stackpressure/goroutines/collector/internal/treemetrics"
)

// forgetAfter is how long a target's state outlives its last probe. It is longer than the ten minutes for which a
// calltree.Builder holds a node, so that no scrape interval that keeps a target's series alive makes its tree flicker.
const forgetAfter = 15 * time.Minute

// key names what has a state of its own.
type key struct {
	module string
	target config.Target
}

// state is what is known of one target. All of it is guarded by Prober.mu, but for the builder, which is the flight's.
type state struct {
	asked   time.Time // last
	up      bool      // its last profile was read
	seen    bool      // a profile was ever read, so that the builder has a past
	flight  *flight   // under way, or nil
	latest  *reading  // the last one, nil if it failed
	builder *calltree.Builder
	logged  cause // of the failure that was logged last, "" after a success
}

// flight is the reading of one profile, for all who ask meanwhile.
type flight struct {
	module  *module
	waiting int  // how many are
	gone    bool // all who waited have gone, and it was canceled
	cancel  context.CancelFunc
	done    chan struct{} // closed when reading is there
	reading reading
}

// reading is what came of reading one profile.
type reading struct {
	module   *module
	started  time.Time
	snapshot treemetrics.Snapshot
	bytes    int // of the profile as it was sent
	failure  *failure
}

// read returns the target's goroutines as they were no longer than maxAge ago. It asks the target at most once at any
// time. ctx has a deadline, which is timeout away.
func (p *Prober) read(ctx context.Context, m *module, t config.Target, timeout, maxAge time.Duration) (r reading, cached bool) {
	for {
		p.mu.Lock()
		s, f := p.stateOf(key{m.name, t})
		if f != nil {
			p.mu.Unlock()
			return reading{failure: f}, false
		}
		if s.latest != nil && s.latest.module == m && time.Since(s.latest.started) < maxAge {
			defer p.mu.Unlock()
			return *s.latest, true
		}
		if s.flight == nil {
			s.flight = p.launch(ctx, m, t, timeout, s)
		}
		flight := s.flight
		// A flight that was given up, or that is from before a new configuration, is waited for but not shared.
		joined := !flight.gone && flight.module == m
		if joined {
			flight.waiting++
		}
		p.mu.Unlock()

		select {
		case <-flight.done:
			if joined {
				return flight.reading, false
			}
		case <-ctx.Done():
			if joined {
				p.leave(flight)
			}
			return reading{failure: contextFailure(t, timeout, ctx.Err())}, false
		}
	}
}

// leave cancels the flight if nobody waits for it any more.
func (p *Prober) leave(f *flight) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.waiting--
	if f.waiting == 0 {
		f.gone = true
		f.cancel()
	}
}

// launch starts to read the target's profile. It does not end with the request that it is launched for, as others may
// share it, but at its deadline. Not golang.org/x/sync/singleflight, because a flight has to end when all who waited
// have gone.
func (p *Prober) launch(request context.Context, m *module, t config.Target, timeout time.Duration, s *state) *flight {
	deadline, _ := request.Deadline() // read's caller has set one
	ctx, cancel := context.WithDeadline(context.WithoutCancel(request), deadline)
	f := &flight{module: m, cancel: cancel, done: make(chan struct{})}
	p.metrics.inFlight.Inc()
	go func() {
		defer cancel()
		f.reading = p.readProfile(ctx, m, t, timeout, s.builder)
		p.metrics.inFlight.Dec()
		p.metrics.countReading(f.reading)

		p.mu.Lock()
		s.flight, s.latest = nil, nil
		s.up = f.reading.failure == nil
		if s.up {
			s.seen = true
			s.latest = &f.reading
		}
		p.mu.Unlock()
		close(f.done)
	}()
	return f
}

func (p *Prober) readProfile(ctx context.Context, m *module, t config.Target, timeout time.Duration, builder *calltree.Builder) reading {
	r := reading{module: m, started: time.Now()}
	body, release, f := p.fetch(ctx, m, t, timeout)
	if f != nil {
		r.failure = f
		return r
	}
	defer release()
	r.bytes = len(body)
	tree, f := p.buildTree(ctx, m, t, timeout, body, builder)
	if f != nil {
		r.failure = f
		return r
	}
	r.snapshot = treemetrics.Snapshot{Tree: tree, Taken: r.started, Duration: time.Since(r.started)}
	return r
}

// stateOf returns the target's state, which it makes if there is room for it. p.mu is held.
func (p *Prober) stateOf(k key) (*state, *failure) {
	now := time.Now()
	if now.Sub(p.swept) > forgetAfter/10 {
		p.sweep(now)
	}
	s, ok := p.targets[k]
	if !ok {
		if len(p.targets) >= p.options.MaxTargets && !p.makeRoom() {
			return nil, failed(overloaded, "%s is one target more than --probe.max-targets=%d: raise it, or share the targets "+
				"among several exporters", k.target, p.options.MaxTargets)
		}
		s = &state{builder: calltree.NewBuilder()}
		p.targets[k] = s
	}
	s.asked = now
	return s, nil
}

// sweep forgets targets that nobody has asked for in a while. p.mu is held.
func (p *Prober) sweep(now time.Time) {
	p.swept = now
	for k, s := range p.targets {
		if s.flight == nil && now.Sub(s.asked) > forgetAfter {
			delete(p.targets, k)
		}
	}
}

// makeRoom forgets the target that nobody has asked for the longest among those that never gave a profile, so that
// addresses where nothing runs do not take the room of those where something does. p.mu is held.
func (p *Prober) makeRoom() bool {
	var oldest *key
	for k, s := range p.targets {
		if s.flight == nil && !s.seen && (oldest == nil || s.asked.Before(p.targets[*oldest].asked)) {
			oldest = &k
		}
	}
	if oldest == nil {
		return false
	}
	delete(p.targets, *oldest)
	return true
}
