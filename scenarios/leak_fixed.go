package main

import (
	"context"
	"net/http"
	"sync"
	"time"
)

var leakFixed = scenario{
	Name:   "leak-fixed",
	Does:   "Answers requests to /orders, and after one period leaks a goroutine with 16 KiB for each, main.awaitReceipt, until a fix ends them all once the bound is reached or 1.6 periods have passed.",
	Look:   "Goroutines and memory are flat, then grow in a line as any leak's do, and after the fix both fall back and stay.",
	Rate:   9.2,
	Max:    4_200,
	Period: 5 * time.Minute,
	Run:    runLeakFixed,
}

// The leak lasts 8 minutes where the time before it is 5.
const leakPeriods = 1.6

func runLeakFixed(ctx context.Context, cfg config) error {
	receipts := receiptDesk{most: cfg.Max, fixed: make(chan struct{})}
	defer receipts.fix()
	defer time.AfterFunc(cfg.Period, receipts.open).Stop()
	defer time.AfterFunc(time.Duration((1+leakPeriods)*float64(cfg.Period)), receipts.fix).Stop()

	cfg.Mux.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
		record := decode(128 << 10)
		receipts.expect()
		if wait(r.Context(), between(20*time.Millisecond, 200*time.Millisecond)) {
			_, _ = w.Write(record)
		}
	})
	return request(ctx, cfg.URL+"/orders", cfg.Rate, 100)
}

// A receiptDesk waits for receipts from when it is opened until it is fixed.
type receiptDesk struct {
	sync.Mutex
	most, waiting int
	opened        bool
	fixed         chan struct{}
}

func (d *receiptDesk) open() {
	d.Lock()
	defer d.Unlock()
	d.opened = true
}

// expect leaks a goroutine while the desk leaks. One more than the bound is what has the leak noticed and fixed.
func (d *receiptDesk) expect() {
	d.Lock()
	defer d.Unlock()
	if !d.opened {
		return
	}
	if d.waiting < d.most {
		d.waiting++
		go awaitReceipt(d.fixed, written(16<<10))
		return
	}
	d.close()
}

func (d *receiptDesk) fix() {
	d.Lock()
	defer d.Unlock()
	d.close()
}

// close ends all who wait, and nobody waits again.
func (d *receiptDesk) close() {
	select {
	case <-d.fixed:
	default:
		close(d.fixed)
	}
	d.opened = false
}

// awaitReceipt waits for a receipt that is never sent.
func awaitReceipt(fixed <-chan struct{}, order []byte) {
	<-fixed
	trace(order)
}
