//go:build !linux || !(amd64 || arm64)

package main

var commands = map[string]func(arguments []string){}
