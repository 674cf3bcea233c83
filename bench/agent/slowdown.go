package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"syscall"
	"time"

	"github.com/stackpressure/goroutines/collector/internal/goscan"
	"github.com/stackpressure/goroutines/collector/internal/runtimeprobes"
)

// settled is after what time an agent has read the target for the first time, and keeps to its budget.
const settled = 15 * time.Second

// rest is before each window, so that none has the advantage of a longer one: to detach takes longer than to attach.
const rest = 200 * time.Millisecond

// measureSlowdown has one agent run all the time, and stops it (SIGSTOP) for one window of each pair: a busy machine's
// pace changes within seconds by more than an agent could. Back from a stop the agent catches up, so that this is no
// less than what it costs.
func (b *bench) measureSlowdown(target *process, r *result) (err error) {
	progress("  slowdown by the scan")
	agent, err := b.startAgent(target, "--no-agent.uprobes")
	if err != nil {
		return err
	}
	defer agent.stop()
	time.Sleep(settled)
	signal := func(s syscall.Signal) func() error { return func() error { return agent.command.Process.Signal(s) } }
	used := func() (float64, error) {
		metrics, err := get(agent.url("/metrics"))
		return sum(metrics, "process_cpu_seconds_total"), err
	}
	before, err := used()
	if err != nil {
		return err
	}
	r.TargetSlowdown, r.TargetSlowdown95, err = b.compare(target, 0, signal(syscall.SIGCONT), signal(syscall.SIGSTOP))
	if err := errors.Join(err, signal(syscall.SIGCONT)()); err != nil {
		return err
	}
	after, err := used()
	r.AgentCPUPercent = 100 * (after - before) / ((rest + b.window).Seconds() * float64(b.pairs))
	return err
}

// measureSlowdownByProbes has all uprobes attached for one window of each pair.
func (b *bench) measureSlowdownByProbes(target *process, r *result) (err error) {
	progress("  slowdown by all probes")
	const copystack, newproc1, gdestroy = "runtime.copystack", "runtime.newproc1", "runtime.gdestroy"
	file, executable, err := target.executable()
	if err != nil {
		return err
	}
	defer file.Close()
	opened, err := goscan.Open("/proc", target.pid(), executable)
	if err != nil {
		return err
	}
	functions, err := opened.Functions().Find(copystack, newproc1, gdestroy)
	if err != nil {
		return err
	}
	offset := func(name string) uint64 {
		offset, _ := executable.FileOffset(functions[name].Entry - opened.Functions().Module().Bias)
		return offset // 0 if it is not there, which runtimeprobes tells of
	}
	wanted := runtimeprobes.Target{
		PID:       target.pid(),
		Exe:       file,
		Layout:    runtimeprobes.LayoutOf(executable.Layout.G),
		Copystack: offset(copystack), Newproc1: offset(newproc1), Gdestroy: offset(gdestroy),
		Churn:    true,
		OnGrowth: func(runtimeprobes.GrowthEvent) {},
	}
	const allHits = 1e9
	probes, err := runtimeprobes.New(runtimeprobes.Options{Window: time.Second, Period: time.Second, HitsPerSecond: allHits})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, probes.Close()) }()
	var attachment *runtimeprobes.Attachment
	attach := func() (err error) {
		if attachment != nil {
			return nil
		}
		attachment, err = probes.Attach(wanted)
		return err
	}
	detach := func() error {
		if attachment == nil {
			return nil
		}
		defer func() { attachment = nil }()
		return attachment.Close()
	}
	r.TargetSlowdownProbes, r.TargetSlowdownProbes95, err = b.compare(target, 10_000, attach, detach)
	return errors.Join(err, detach())
}

// compare returns the target's throughput after off ÷ after on, in pairs of windows whose order changes, and the 95 %
// confidence interval, which is that of the mean of the ratios' logarithms (1.96 standard errors).
func (b *bench) compare(target *process, spawns int, on, off func() error) (mean float64, interval [2]float64, err error) {
	var total, squares float64
	for pair := 0; pair < b.pairs; pair++ {
		var units [2]float64 // without, with
		for turn := 0; turn < 2; turn++ {
			with := (pair + turn) % 2
			turnTo := [2]func() error{off, on}[with]
			if err := turnTo(); err != nil {
				return 0, interval, err
			}
			time.Sleep(rest)
			if units[with], err = b.throughput(target, spawns); err != nil {
				return 0, interval, err
			}
		}
		x := math.Log(units[0] / units[1])
		total, squares = total+x, squares+x*x
	}
	n := float64(b.pairs)
	average := total / n
	half := 1.96 * math.Sqrt((squares/n-average*average)/(n-1))
	return math.Exp(average), [2]float64{math.Exp(average - half), math.Exp(average + half)}, nil
}

// throughput lets the target work, and returns how much it did.
func (b *bench) throughput(target *process, spawns int) (float64, error) {
	answer, err := get(target.url(fmt.Sprintf("/work?seconds=%g&spawns=%d", b.window.Seconds(), spawns)))
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(string(answer), 64)
}
