package goprofile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"github.com/stackpressure/goroutines/collector/internal/goprocess"
	"github.com/stackpressure/goroutines/collector/internal/goscan"
)

// Options are what the command line decides.
type Options struct {
	// Which process: its PID, or its Name, see goprocess.Choice. Proc is where procfs is mounted, "/proc" if empty.
	PID  int
	Name string
	Proc string
	// Output is the file that is written, "-" for Out. An older file of that name is replaced when the new one is complete.
	Output string
	Out    *os.File  // os.Stdout if nil
	Log    io.Writer // gets a line that says what was written: os.Stderr if nil
}

// Stdout is the Output that stands for Options.Out.
const Stdout = "-"

// Run writes a profile of the process. It returns an error if the process cannot be read, or the profile not be written.
func Run(ctx context.Context, o Options) error {
	if o.Out == nil {
		o.Out = os.Stdout
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	switch {
	case o.Output == "":
		return errors.New(`where to? Give a file, such as goroutines.pb.gz, or "-" for standard output`)
	case o.Output == Stdout && term.IsTerminal(int(o.Out.Fd())):
		return errors.New("a profile is binary: it is not written to a terminal. Give a file, or pipe it to another program")
	}
	process, err := goprocess.Open(goprocess.Choice{Proc: o.Proc, PID: o.PID, Name: o.Name})
	if err != nil {
		return err
	}
	defer process.Close()
	snapshot, err := process.Scan(goscan.Stacks)
	if err != nil {
		return fmt.Errorf("process %d (%s): %w", process.PID, process.Command, err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var profile bytes.Buffer
	executable := Executable{process.Path, process.BuildID, process.Executable().GoVersion, process.PID}
	if err := Write(&profile, snapshot, executable); err != nil {
		return err
	}
	where := o.Output
	if o.Output == Stdout {
		where = "standard output"
		_, err = o.Out.Write(profile.Bytes())
	} else {
		err = replaceFile(o.Output, profile.Bytes())
	}
	if err != nil {
		return fmt.Errorf("the profile of process %d was not written: %w", process.PID, err)
	}
	var stackBytes int64
	for size, n := range snapshot.Sizes {
		stackBytes += size * n
	}
	_, err = fmt.Fprintf(o.Log, "Wrote %d goroutines of process %d (%s) with %d bytes of stacks, %d of them different, to %s\n",
		snapshot.Goroutines, process.PID, process.Command, stackBytes, len(snapshot.Stacks), where)
	return err
}

// replaceFile writes a file in one step: whoever opens it gets the old one or the new one in whole. What is no regular
// file, such as a named pipe, is written to.
func replaceFile(name string, content []byte) (err error) {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target // the link stays one
	}
	old, err := os.Stat(name)
	if err == nil && !old.Mode().IsRegular() {
		return os.WriteFile(name, content, 0)
	}
	// Not os.CreateTemp, whose files nobody else may read, whatever the umask.
	temporary := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.%d", filepath.Base(name), os.Getpid()))
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temporary)
		}
	}()
	_, err = file.Write(content)
	if old != nil {
		err = errors.Join(err, file.Chmod(old.Mode().Perm()))
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(temporary, name)
}
