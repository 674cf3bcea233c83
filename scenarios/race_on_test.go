//go:build race

package main

// raceEnabled has the program built with the race detector too, where the tests are.
const raceEnabled = true
