package main

var steady = scenario{
	Name: "steady",
	Does: "Serves steady requests from a cache that is filled in the first half minute and in which the rate's MiB are replaced each second.",
	Look: "After the first minute memory is a saw-tooth at one height and goroutines stay few, so nothing runs out and no alert fires.",
	Unit: "MiB",
	Rate: 1,
	Max:  64,
	Run:  serveFilled,
}
