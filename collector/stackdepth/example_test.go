package stackdepth_test

import (
	"fmt"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/stackpressure/goroutines/collector/stackdepth"
)

func waitForOrders(started *sync.WaitGroup, orders chan string) {
	started.Done()
	<-orders
}

func Example() {
	orders := make(chan string)
	defer close(orders)
	var started sync.WaitGroup
	started.Add(3)
	for i := 0; i < 3; i++ {
		go waitForOrders(&started, orders)
	}
	started.Wait()

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
