// Package agent reads all Go processes of a host, one after the other, within a small share of a processor, and answers
// Prometheus about each.
//
//	agent_linux.go     the loop: which processes there are, whose turn it is
//	process_linux.go   one process: its goroutines, its probes, what they last said
//	budget.go          how much of a processor may be used
//	counters.go        counters by function, bounded
//	handler_linux.go   /probe?process=PID-STARTTIME
//	metrics_linux.go   the agent's own health
package agent
