package agent

import "time"

// budget keeps the processor time of the agent within a share of one processor. What is not used is saved for a while;
// what is used beyond it, as a large process is read whole, has to be waited for afterwards.
type budget struct {
	share float64 // of one processor
	saved time.Duration
	at    time.Time
	used  time.Duration // of processor time, since the agent was started
}

// savedAtMost is for how long what is not used is saved: enough to read some tens of processes for the first time.
const savedAtMost = time.Minute

// update takes in that until now that much processor time was used.
func (b *budget) update(now time.Time, used time.Duration) {
	if b.at.IsZero() { // what starting took is not counted
		b.at, b.used, b.saved = now, used, b.most()
		return
	}
	b.saved += time.Duration(b.share*float64(now.Sub(b.at))) - (used - b.used)
	b.saved = min(b.saved, b.most())
	b.at, b.used = now, used
}

func (b *budget) most() time.Duration { return time.Duration(b.share * float64(savedAtMost)) }

// isLeft tells whether more may be used now.
func (b *budget) isLeft() bool { return b.saved > 0 }
