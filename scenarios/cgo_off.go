//go:build !cgo

package main

import "context"

const withCgo = false

func runCgoLeak(context.Context, config) error    { return errNoCgo }
func runCgoBlocked(context.Context, config) error { return errNoCgo }
