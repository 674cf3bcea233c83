package main

// commands are those that are no exporter, by name. Each is given the arguments after its name.
var commands = map[string]func(arguments []string){}
