package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

// process is a target or an agent.
type process struct {
	command *exec.Cmd
	address string
}

// start waits for a line of the process's output that gives its address.
func start(command *exec.Cmd, address *regexp.Regexp) (*process, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		return nil, err
	}
	writer.Close()
	p := &process{command: command}
	lines := bufio.NewScanner(reader)
	last := ""
	for p.address == "" {
		if !lines.Scan() {
			p.stop()
			return nil, fmt.Errorf("%s ended without an address: %s", command.Path, last)
		}
		last = lines.Text()
		if match := address.FindStringSubmatch(last); match != nil {
			p.address = match[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	return p, nil
}

func (p *process) pid() int { return p.command.Process.Pid }

// name is the executable's, by which the agent can be told to read it.
func (p *process) name() string { return filepath.Base(p.command.Path) }

// executable opens what the process runs. The file has to be closed, after the last use of either.
func (p *process) executable() (*os.File, *goelf.Executable, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/exe", p.pid()))
	if err != nil {
		return nil, nil, err
	}
	executable, err := goelf.Open(file)
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, executable, nil
}

func (p *process) url(path string) string { return "http://" + p.address + path }

func (p *process) stop() {
	_ = p.command.Process.Signal(os.Interrupt) // so that an agent detaches
	ended := make(chan struct{})
	go func() {
		_ = p.command.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = p.command.Process.Kill()
		<-ended
	}
}

// waitFor waits until the metrics of an agent match.
func (p *process) waitFor(pattern *regexp.Regexp) error {
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if metrics, err := get(p.url("/metrics")); err == nil && pattern.Match(metrics) {
			return nil
		}
	}
	return fmt.Errorf("the agent's metrics had nothing like %s within two minutes", pattern)
}
