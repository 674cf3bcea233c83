package goscan

import (
	"cmp"
	"fmt"
	"math/rand"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// scannedBefore returns a process that was scanned, and found to have goroutines with these records. A record's stack and
// origin are indexes of madeUpStacks and madeUpCreators.
func scannedBefore(records ...record) *Process {
	p := &Process{
		memory:     allWaitFor{},
		layout:     &goelf.GLayout{GoID: 8, AtomicStatus: 16, WaitSince: 24, ParentGoID: 32},
		executable: &goelf.Executable{Layout: &goelf.Layout{WaitReasons: []string{"", "chan receive", "select"}}},
		names:      newNames(),
		stacks:     newStackTable(),
	}
	var stacks []stackID
	for _, functions := range madeUpStacks {
		var path []nameID
		for _, function := range functions {
			path = append(path, p.names.id(function))
		}
		stacks = append(stacks, p.stacks.intern(path, false, true))
	}
	for _, creator := range madeUpCreators {
		p.origins.all = append(p.origins.all, origin{creator: creator, entry: p.names.id("main.entry"), isSystem: creator == system})
	}
	p.records.grow(len(records))
	for i, r := range records {
		r.stack = stacks[r.stack]
		*p.records.at(i) = r
		p.buffers.list = append(p.buffers.list, r.goid) // as an address, so that allWaitFor knows whose it is
	}
	return p
}

const system = "runtime.main" // creator of the runtime's own

var (
	madeUpStacks = [][]string{
		{"main.serve", "net/http.(*conn).serve", "runtime.gopark"},
		{"main.serve", "github.com/acme/shop.Load", "database/sql.(*DB).Query", "runtime.gopark"},
		{"time.goFunc", "runtime.gopark"},
		{},
	}
	madeUpCreators = []string{"", "main.main", "github.com/acme/shop.Start", system}
)

// allWaitFor is a memory in which the goroutine with the id N is at the address N, and has waited for N hours.
type allWaitFor struct{ memory }

func (allWaitFor) read(spans []span, into []byte) (int, error) {
	now, err := monotonic()
	if err != nil {
		return 0, err
	}
	at := 0
	for _, s := range spans {
		clear(into[at:][:s.length])
		into[at+8] = byte(s.address)
		into[at+16] = byte(Waiting)
		since := uint64(now) - uint64(time.Duration(s.address)*time.Hour)
		for i := 0; i < 8; i++ {
			into[at+24+i] = byte(since >> (8 * i))
		}
		at += s.length
	}
	return at, nil
}

func selectAll(t *testing.T, p *Process, s Selection) ([]Selected, Totals) {
	t.Helper()
	selected, totals, err := p.Goroutines(s)
	if err != nil {
		t.Fatal(err)
	}
	return selected, totals
}

func idsOf(selected []Selected) []uint64 {
	ids := []uint64{}
	for _, s := range selected {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestASelectionHasTheFirstGoroutinesInItsOrder(t *testing.T) {
	p := scannedBefore(
		record{goid: 1, sizeLog2: 11, used: 100, before: 90, status: Waiting, wait: 2, stack: 0, origin: 0},
		record{goid: 2, sizeLog2: 13, used: 120, before: 200, status: Runnable, stack: 1, origin: 2},
		record{goid: 3, sizeLog2: 13, used: 140, before: 140, status: Waiting, wait: 1, stack: 2, origin: 1},
		record{goid: 4, sizeLog2: 12, status: Running, before: 50, stack: 3, origin: 1},
	)
	for _, test := range []struct {
		order      Order
		descending bool
		want       []uint64
	}{
		{BySize, true, []uint64{3, 2, 4, 1}},
		{BySize, false, []uint64{1, 4, 2, 3}},
		{ByUsed, true, []uint64{3, 2, 1, 4}},
		{ByGrowth, true, []uint64{1, 3, 4, 2}}, // of one that runs, growth is not known
		{ByState, false, []uint64{3, 2, 4, 1}}, // chan receive, runnable, running, select
		{ByID, true, []uint64{4, 3, 2, 1}},
		{ByCreator, false, []uint64{1, 2, 3, 4}},  // none, github.com/…, main.main twice
		{ByFunction, false, []uint64{4, 2, 1, 3}}, // (not started), github.com/…, main.serve, time.goFunc
	} {
		all, _ := selectAll(t, p, Selection{Order: test.order, Descending: test.descending, Limit: 10})
		if got := idsOf(all); !slices.Equal(got, test.want) {
			t.Errorf("order %d, descending %t: %v, want %v", test.order, test.descending, got, test.want)
		}
		two, _ := selectAll(t, p, Selection{Order: test.order, Descending: test.descending, Limit: 2})
		if got := idsOf(two); !slices.Equal(got, test.want[:2]) {
			t.Errorf("order %d, descending %t, two of them: %v, want %v", test.order, test.descending, got, test.want[:2])
		}
	}
}

func TestASelectionIsThatOfSortingAll(t *testing.T) {
	random := rand.New(rand.NewSource(7))
	for round := 0; round < 200; round++ {
		records := make([]record, random.Intn(300))
		for i := range records {
			records[i] = record{
				goid: uint64(i + 1), sizeLog2: uint8(11 + random.Intn(4)), used: uint32(random.Intn(5)), before: uint32(random.Intn(5)),
				status: Waiting, wait: uint8(random.Intn(3)), stack: stackID(random.Intn(4)), origin: originID(random.Intn(3)),
			}
		}
		random.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		limit := random.Intn(100)
		selected, totals := selectAll(t, scannedBefore(records...), Selection{Order: BySize, Descending: true, Limit: limit})

		slices.SortFunc(records, func(a, b record) int {
			return cmp.Or(cmp.Compare(b.sizeLog2, a.sizeLog2), cmp.Compare(b.used, a.used), cmp.Compare(a.goid, b.goid))
		})
		want := []uint64{}
		for _, r := range records[:min(limit, len(records))] {
			want = append(want, r.goid)
		}
		if got := idsOf(selected); !slices.Equal(got, want) {
			t.Fatalf("the first %d of %d: %v, want %v", limit, len(records), got, want)
		}
		if totals.Goroutines != int64(len(records)) {
			t.Fatalf("%d goroutines in all, want %d", totals.Goroutines, len(records))
		}
	}
}

func TestDeadGoroutinesAndTheRuntimesOwnAreNeverSelected(t *testing.T) {
	p := scannedBefore(
		record{goid: 0, sizeLog2: 20, status: Waiting},
		record{goid: 2, sizeLog2: 20, used: 7, status: Waiting, origin: 3},
		record{goid: 3, sizeLog2: 11, used: 8, status: Waiting},
	)
	selected, totals := selectAll(t, p, Selection{Limit: 10})
	if got := idsOf(selected); !slices.Equal(got, []uint64{3}) {
		t.Errorf("selected %v, want 3 alone", got)
	}
	if want := (Totals{Goroutines: 1, StackBytes: 2048, UsedBytes: 64}); totals != want {
		t.Errorf("totals %+v, want %+v", totals, want)
	}
}

func TestAFilterLooksAtTheStackAndTheCreatorWithoutCase(t *testing.T) {
	p := scannedBefore(
		record{goid: 1, sizeLog2: 11, used: 10, status: Waiting, stack: 0, origin: 0},
		record{goid: 2, sizeLog2: 12, used: 20, status: Waiting, stack: 1, origin: 1},
		record{goid: 3, sizeLog2: 13, used: 30, status: Waiting, stack: 2, origin: 2},
	)
	for text, want := range map[string][]uint64{
		"":              {1, 2, 3},
		"acme/SHOP":     {2, 3}, // on the stack of one, the creator of the other
		"main.serve":    {1, 2},
		"database/sql":  {2},
		"no such thing": {},
	} {
		selected, totals := selectAll(t, p, Selection{Order: ByID, Limit: 10, Contains: text})
		if got := idsOf(selected); !slices.Equal(got, want) {
			t.Errorf("%q selects %v, want %v", text, got, want)
		}
		if totals.Goroutines != int64(len(want)) || totals.UsedBytes != 480 {
			t.Errorf("%q has totals %+v, want %d goroutines, and 480 bytes in use of all", text, totals, len(want))
		}
	}
}

func TestWhatIsSelectedSaysHowLongItHasWaited(t *testing.T) {
	p := scannedBefore(record{goid: 2, status: Waiting, wait: 1, sizeLog2: 11, stack: 1, origin: 1}, record{goid: 5, status: Waiting, sizeLog2: 11})
	selected, _ := selectAll(t, p, Selection{Order: ByID, Limit: 10})
	for i, want := range []time.Duration{2 * time.Hour, 5 * time.Hour} {
		if got := selected[i].Wait; got.Round(time.Hour) != want {
			t.Errorf("goroutine %d has waited for %s, want %s", selected[i].ID, got, want)
		}
	}
	if s := selected[0]; s.State != "chan receive" || s.Function != "github.com/acme/shop.Load" || s.Creator != "main.main" {
		t.Errorf("goroutine 2: %+v", s)
	}
}

func TestAWaitIsNotKnownBeforeAGarbageCollectionNorInTheFuture(t *testing.T) {
	const now = int64(time.Hour)
	minuteAgo := now - int64(time.Minute)
	for _, test := range []struct {
		d    descriptor
		want time.Duration
	}{
		{descriptor{status: Waiting, waitSince: minuteAgo}, time.Minute},
		{descriptor{status: Syscall, waitSince: minuteAgo}, time.Minute},
		{descriptor{status: leaked, waitSince: minuteAgo}, time.Minute},
		{descriptor{status: Waiting, waitSince: 0}, 0},
		{descriptor{status: Waiting, waitSince: now + 1}, 0},
		{descriptor{status: Waiting, waitSince: -1}, 0},
		{descriptor{status: Running, waitSince: minuteAgo}, 0},
		{descriptor{status: Runnable, waitSince: minuteAgo}, 0},
	} {
		if got := test.d.wait(now); got != test.want {
			t.Errorf("%+v has waited for %s, want %s", test.d, got, test.want)
		}
	}
}

func TestTheFirstUserFrameIsTheInnermostThatIsNotOfGo(t *testing.T) {
	for want, stack := range map[string][]string{
		"main.handler":                        {"net/http.(*conn).serve", "main.handler", "net.(*conn).Read", "internal/poll.(*FD).Read", "runtime.gopark"},
		"github.com/acme/shop.(*Pool).Get":    {"main.main", "github.com/acme/shop.(*Pool).Get", "sync.(*Mutex).Lock", "runtime.gopark"},
		"intranet/tools.Run":                  {"intranet/tools.Run", "time.Sleep"}, // a module that is nowhere published
		"net/http.(*persistConn).writeLoop":   {"net/http.(*persistConn).writeLoop", "runtime.selectgo", "runtime.gopark"},
		"main.worker":                         {"main.worker", "(running)"},
		"gopkg.in/yaml%2ev3.Unmarshal":        {"main.main", "gopkg.in/yaml%2ev3.Unmarshal", "encoding/json.Marshal"},
		"main.Map[...].func1":                 {"main.Map[...].func1", "slices.SortFunc[...]"},
		"(not started)":                       {},
		"timeout.Wait":                        {"timeout.Wait", "time.Sleep"}, // not of package time
		"vendor/golang.org/x/net/http2.Serve": {"vendor/golang.org/x/net/http2.Serve", "vendor/golang.org/x/net/http2.read"},
	} {
		if got := FirstUserFrame(stack); got != want {
			t.Errorf("of %v, it is %s, want %s", stack, got, want)
		}
	}
}

func TestNoFunctionOfTheStandardLibraryIsAUsers(t *testing.T) {
	output, err := exec.Command("go", "list", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(output))
	if len(packages) < 150 {
		t.Errorf("the standard library has %d packages", len(packages))
	}
	for _, path := range packages {
		if IsUserFunction(path + ".F") {
			t.Errorf("%s is taken for a user's package: add it to standardLibrary", path)
		}
	}
}

func TestATreePathEndsInTheNodeOfTheCallTree(t *testing.T) {
	for want, path := range map[string][]string{
		"main.a main.b":                   TreePath([]string{"main.a", "main.b"}, false),
		"(truncated) main.b":              TreePath([]string{"main.b"}, true),
		"(not started)":                   TreePath(nil, false),
		"(truncated) (not started)":       TreePath(nil, true),
		"(truncated)" + many(199, " f%d"): TreePath(strings.Fields(many(250, " f%d")), true),
	} {
		if got := strings.Join(path, " "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func many(n int, format string) string {
	var text strings.Builder
	for i := 0; i < n; i++ {
		fmt.Fprintf(&text, format, i)
	}
	return text.String()
}

func BenchmarkSelectionOfAMillion(b *testing.B) {
	records := make([]record, 1_000_000)
	for i := range records {
		records[i] = record{goid: uint64(i + 1), sizeLog2: uint8(11 + i%7), used: uint32(i * 31 % 1000), status: Waiting, stack: stackID(i % 4), origin: originID(i % 3)}
	}
	p := scannedBefore(records...)
	for _, order := range []Order{BySize, ByGrowth, ByFunction} {
		b.Run(fmt.Sprint(order), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				if _, _, err := p.Goroutines(Selection{Order: order, Descending: true, Limit: 1000}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
