module github.com/stackpressure/goroutines/bench/probe

go 1.22.0

require github.com/DataDog/gostackparse v0.7.0
