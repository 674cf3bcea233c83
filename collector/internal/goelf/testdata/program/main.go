// Command program has functions of many kinds, and calls that are inlined into each other: what goelf says of its code is
// compared with its debugging information.
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"
)

type shape interface{ area(scale int) int }

type square struct{ side int }

func (s square) area(scale int) int { return s.side * s.side * scale }

type named struct {
	shape
	name string
}

type list[T any] struct{ items []T }

func (l *list[T]) each(f func(T)) {
	for _, item := range l.items {
		f(item)
	}
}

func collect[T any](l *list[T]) (all []T) {
	l.each(func(t T) { all = append(all, t) })
	return all
}

func outer(n int) int { return middle(n) + middle(n+1) }

func middle(n int) int { return inner(n) * 2 }

func inner(n int) int {
	if n > 100 {
		panic(fmt.Sprint("too large: ", n))
	}
	return leaf(n) + 1
}

//go:noinline
func leaf(n int) int {
	var frame [5000]byte
	frame[n] = 1
	return len(os.Args) + int(frame[n/2])
}

func deferring(s shape) (n int) {
	defer func() { n += outer(n) }()
	defer s.area(n)
	return s.area(3)
}

func main() {
	done := make(chan int)
	shapes := &list[shape]{[]shape{square{2}, &square{3}, named{square{4}, "four"}, &named{square{5}, "five"}}}
	for _, s := range collect(shapes) {
		go func(s shape) { done <- deferring(s) }(s)
		area := s.area
		go area(outer(1))
		fmt.Println(<-done)
	}
	words := strings.Fields(strings.Repeat("b a c ", outer(2)))
	sort.Slice(words, func(i, j int) bool { return words[i] < words[j] })
	fmt.Println(len(collect(&list[struct{ A string }]{})), words[0], outer(3))
}
