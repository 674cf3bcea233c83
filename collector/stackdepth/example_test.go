package stackdepth_test

import (
	"fmt"
	"log"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/stackpressure/goroutines/collector/stackdepth"
)

func waitForOrders(orders chan string) {
	<-orders
}

func Example() {
	orders := make(chan string)
	defer close(orders)
	for i := 0; i < 3; i++ {
		go func() { waitForOrders(orders) }()
	}
	for runtime.Gosched(); ; time.Sleep(10 * time.Millisecond) {
		break
	}

	registry := prometheus.NewRegistry()
	registry.MustRegister(stackdepth.NewCollector())

	families, err := registry.Gather()
	if err != nil {
		log.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if label.GetName() == "function" && strings.HasSuffix(label.GetValue(), ".waitForOrders") {
					fmt.Println(family.GetName(), metric.GetGauge().GetValue())
				}
			}
		}
	}
	// Output: goroutine_calltree_goroutines 3
}

func ExampleNewCollector() {
	prometheus.MustRegister(stackdepth.NewCollector(stackdepth.WithMinInterval(time.Minute)))
	http.Handle("/metrics", promhttp.Handler())
	log.Fatal(http.ListenAndServe(":9090", nil))
}
