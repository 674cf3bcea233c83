// Below the collector's path, as the benchmark times packages that are internal to it.
module github.com/stackpressure/goroutines/collector/bench/agent

go 1.22.0

require github.com/stackpressure/goroutines/collector v0.0.0

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/cilium/ebpf v0.17.3 // indirect
	golang.org/x/arch v0.14.0 // indirect
	golang.org/x/sync v0.11.0 // indirect
	golang.org/x/sys v0.30.0 // indirect
)

replace github.com/stackpressure/goroutines/collector => ../../collector
