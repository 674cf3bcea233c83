// Command waits says that it runs, and then does what its standard input says, a line at a time:
//
//	exec FILE   run that program in the place of this one
package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

func main() {
	fmt.Println("runs")
	for {
		line, ok := readLine()
		if !ok {
			return
		}
		if file, ok := strings.CutPrefix(line, "exec "); ok {
			err := syscall.Exec(file, []string{file}, os.Environ())
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// readLine reads no byte of the next line: that may be for the program that takes this one's place.
func readLine() (line string, ok bool) {
	var b [1]byte
	for {
		if n, err := os.Stdin.Read(b[:]); n == 0 || err != nil {
			return "", false
		}
		if b[0] == '\n' {
			return line, true
		}
		line += string(b[:])
	}
}
