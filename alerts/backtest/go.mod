module github.com/stackpressure/goroutines/alerts/backtest

go 1.26.7

require github.com/prometheus/prometheus v0.316.0
