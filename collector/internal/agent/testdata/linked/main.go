// Command linked exports its own call tree.
package main

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stackpressure/goroutines/collector/stackdepth"
)

func main() {
	prometheus.MustRegister(stackdepth.NewCollector())
	fmt.Println("ready")
	select {}
}
