// Below the collector's path, as the benchmark times packages that are internal to it.
module github.com/stackpressure/goroutines/collector/bench/agent

go 1.22.0

require github.com/stackpressure/goroutines/collector v0.0.0

replace github.com/stackpressure/goroutines/collector => ../../collector
