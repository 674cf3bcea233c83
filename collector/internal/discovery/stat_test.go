package discovery

import "testing"

// Of a Linux 6.18.
const statLine = "17742 (go) S 17740 17742 17738 0 -1 1077936128 1712 7391 0 0 12 8 41 21 20 0 11 0 3963191 1868595200 4821 " +
	"18446744073709551615 4198400 10289453 140724603453440 0 0 0 1006254592 0 2143420159 0 0 0 17 1 0 0 0 0 0 15757312 16031936 " +
	"943435776 140724603456881 140724603456908 140724603456908 140724603457493 0"

func TestTheStartIsReadWhateverTheCommandIs(t *testing.T) {
	want := stat{'S', 3963191, 140724603453440}
	for _, command := range []string{"(go)", "(a b)", "(a) R 1 2 (b)", "())", "()"} {
		line := "17742 " + command + statLine[len("17742 (go)"):]
		if got, err := parseStat([]byte(line)); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", command, got, err, want)
		}
	}
	for _, line := range []string{"", "17742 (go", "17742 (go) S 1 2 3", "17742 (go) S" + " x x x x x x x x x x x x x x x x x x x x x x x x x x x x x"} {
		if got, err := parseStat([]byte(line)); err == nil {
			t.Errorf("%q: %+v, want an error", line, got)
		}
	}
}

func TestAnExecIsSeenByTheStackThatTheKernelMakes(t *testing.T) {
	now := stat{'S', 100, 7000}
	for _, c := range []struct {
		then stat
		same bool
		why  string
	}{
		{stat{'R', 100, 7000}, true, "it runs on"},
		{stat{'S', 100, 8000}, false, "its stack begins elsewhere"},
		{stat{'S', 101, 7000}, false, "the PID was used again"},
		{stat{'S', 100, 0}, true, "the address is hidden"},
	} {
		if now.sameProgram(c.then) != c.same || c.then.sameProgram(now) != c.same {
			t.Errorf("%s: same program is %t, want %t", c.why, !c.same, c.same)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte(statLine))
	f.Add([]byte("1 (x) Z"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if got, err := parseStat(line); err != nil && got != (stat{}) {
			t.Errorf("%q: %+v and %v", line, got, err)
		}
	})
}
