// Package goprocess opens the one Go process that a person named on the command line, by PID or by name, for the commands
// that look at a single process.
package goprocess
