package agent

// maxFunctions is how many functions each counter of a process has.
const maxFunctions = 200

// otherFunctions is the function of what has no counter of its own. No Go function can be called so.
const otherFunctions = "(other)"

// counters are counters by function. As counters must not go down, a function that was exported once always is; what is
// first seen when there are maxFunctions of them counts as other.
type counters struct {
	exported map[string]bool
}

// bound returns the counts with at most maxFunctions functions and one for all others.
func (c *counters) bound(counts map[string]float64) map[string]float64 {
	if c.exported == nil {
		c.exported = map[string]bool{}
	}
	bounded := make(map[string]float64, len(counts))
	for function, n := range counts {
		if !c.exported[function] && len(c.exported) < maxFunctions {
			c.exported[function] = true
		}
		if c.exported[function] {
			bounded[function] += n
		} else {
			bounded[otherFunctions] += n
		}
	}
	return bounded
}
