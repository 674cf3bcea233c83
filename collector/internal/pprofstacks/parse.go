// Package pprofstacks reads the goroutine profile that net/http/pprof and runtime/pprof write as protocol buffer.
package pprofstacks

import (
	"fmt"
	"io"

	"github.com/google/pprof/profile"

	"github.com/stackpressure/goroutines/collector/calltree"
)

func Parse(r io.Reader) ([]calltree.Stack, error) {
	p, err := profile.Parse(r)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	var stacks []calltree.Stack
	for _, s := range p.Sample {
		stack := calltree.Stack{Goroutines: s.Value[0]}
		for i := len(s.Location) - 1; i >= 0; i-- {
			for j := len(s.Location[i].Line) - 1; j >= 0; j-- {
				stack.Functions = append(stack.Functions, s.Location[i].Line[j].Function.Name)
			}
		}
		stacks = append(stacks, stack)
	}
	return stacks, nil
}
