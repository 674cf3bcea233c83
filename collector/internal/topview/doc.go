// Package topview shows the goroutines of a running Go process as top(1) shows processes: those with the largest stacks
// first, again and again.
//
//	run.go       what is asked for, and who looks when
//	sample.go    a look at the process: what package goscan found, as rows
//	view.go      what of it is shown, and what keys change of that
//	screen.go    the view as lines of text
//	table.go     rows in columns that fit a width
//	terminal.go  lines on a terminal, keys from it
//	plain.go     the same table in a pipe
//	json.go      the same rows as JSON
//
// Those from view.go to table.go are functions of their input, as is json.go: neither a process nor a terminal is needed
// to test them.
//
// Function names come from the process, and are not trusted: all text passes line.add, which lets no control character
// through.
package topview
