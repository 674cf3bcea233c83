//go:build amd64 || arm64

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const sleep = `package main

import "time"

func main() {
	go wait()
	time.Sleep(time.Hour)
}

func wait() { select {} }
`

// sleeper builds and starts a program that waits, with a name of its own.
func sleeper(t *testing.T, name string) (pid int) {
	t.Helper()
	folder := t.TempDir()
	source := filepath.Join(folder, "main.go")
	if err := os.WriteFile(source, []byte(sleep), 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(folder, name)
	if output, err := exec.Command("go", "build", "-o", binary, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	command := exec.Command(binary)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	return command.Process.Pid
}

func TestTheAgentListsTheProcessesThatItAnswersFor(t *testing.T) {
	pid := sleeper(t, "agent-test-sleeper")
	p := start(t, "--agent", "--agent.host=web-1", "--agent.include=agent-test-sleeper")
	var groups []struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	for attempts := 0; len(groups) == 0; attempts++ { // until it has looked for the first time
		if attempts == 100 {
			t.Fatal("the process is not listed")
		}
		time.Sleep(100 * time.Millisecond)
		status, body := p.get("/sd")
		if status != http.StatusOK {
			t.Fatalf("status %d: %s", status, body)
		}
		if err := json.Unmarshal([]byte(body), &groups); err != nil {
			t.Fatal(err)
		}
	}
	if len(groups) != 1 || groups[0].Targets[0] != p.address {
		t.Fatalf("the targets are %v, want one at %s", groups, p.address)
	}
	labels := groups[0].Labels
	if !strings.HasPrefix(labels["instance"], "web-1:agent-test-sleeper:") {
		t.Errorf("the instance is %q", labels["instance"])
	}
	status, body := p.get(labels["__metrics_path__"] + "?process=" + labels["__param_process"])
	if status != http.StatusOK || !strings.Contains(body, "\nprobe_success 1\n") || !strings.Contains(body, `function="main.wait"`) {
		t.Errorf("status %d for process %d: %s", status, pid, body)
	}
	if status, body := p.get("/probe?target=127.0.0.1:6060"); status != http.StatusBadRequest {
		t.Errorf("a probe over HTTP is answered with %d: %s", status, body)
	}
	if _, body := p.get("/metrics"); !strings.Contains(body, "\ngoroutine_stack_exporter_targets_up 1\n") {
		t.Errorf("the agent's own metrics are %s", body)
	}
}

func TestTheAgentDoesNotShowStacksToTheWholeNetwork(t *testing.T) {
	for _, address := range []string{":9979", "0.0.0.0:0", "[::]:0", "192.0.2.1:9979"} {
		output, err := exporterCommand("--agent", "--web.listen-address=127.0.0.1:0", "--web.listen-address="+address).CombinedOutput()
		if err == nil || !strings.Contains(string(output), "--web.config.file") {
			t.Errorf("listening on %s is not refused: %v\n%s", address, err, output)
		}
	}
}

func TestFlagsOfTheAgentAreChecked(t *testing.T) {
	for flag, want := range map[string]string{
		"--config.file=x.yml":             "--config.file",
		"--agent.cpu=0":                   "--agent.cpu",
		"--agent.interval=0s":             "--agent.interval",
		"--agent.include=label:nothing=x": "label:nothing=x",
		"--agent.exclude=(":               "regular expression",
		"--path.procfs=/nowhere":          "/nowhere",
	} {
		output, err := exporterCommand("--agent", "--web.listen-address=127.0.0.1:0", flag).CombinedOutput()
		if err == nil || !strings.Contains(string(output), want) {
			t.Errorf("%s: %v\n%s", flag, err, output)
		}
	}
}

func TestCommandsShowOneProcess(t *testing.T) {
	sleeper(t, "command-test-sleeper")
	table, err := exporterCommand("top", "--name=command-test-sleeper", "--count=1").CombinedOutput()
	if err != nil || !strings.Contains(string(table), "main.wait") {
		t.Errorf("top: %v\n%s", err, table)
	}
	file := filepath.Join(t.TempDir(), "goroutines.pb.gz")
	if output, err := exporterCommand("snapshot", "--name=command-test-sleeper", "-o", file).CombinedOutput(); err != nil {
		t.Errorf("snapshot: %v\n%s", err, output)
	}
	if output, err := exec.Command("go", "tool", "pprof", "-top", file).CombinedOutput(); err != nil || !strings.Contains(string(output), "main.wait") {
		t.Errorf("go tool pprof: %v\n%s", err, output)
	}
	pipe := exporterCommand("snapshot", "--name=command-test-sleeper", "-o", "-")
	pipe.Stderr = os.Stderr
	if profile, err := pipe.Output(); err != nil || !bytes.HasPrefix(profile, []byte{0x1f, 0x8b}) {
		t.Errorf("snapshot to standard output: %v, %d bytes, want a gzip stream", err, len(profile))
	}
	for _, arguments := range [][]string{{"top"}, {"top", "--pid=1", "--name=x"}, {"snapshot", "--pid=1"}, {"snapshot", "-o", "x"}} {
		if output, err := exporterCommand(arguments...).CombinedOutput(); err == nil || !strings.Contains(string(output), "--") {
			t.Errorf("%v is not refused with what to give: %v\n%s", arguments, err, output)
		}
	}
}
