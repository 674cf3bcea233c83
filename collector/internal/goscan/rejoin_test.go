package goscan

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

func TestADeepStackIsReadThoughItsGoroutineGoesDeeperMeanwhile(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "deepen")
	if output, err := exec.Command("go", "build", "-o", binary, "./testdata/deepen").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	command := exec.Command(binary)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	if !bufio.NewScanner(stdout).Scan() {
		t.Fatal("the program ended")
	}
	file, err := os.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	executable, err := goelf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	process, err := Open("/proc", command.Process.Pid, executable)
	if err != nil {
		t.Fatal(err)
	}
	last := 20_000
	for i := 0; i < 20; i++ {
		snapshot, err := process.Scan(Stacks)
		if err != nil {
			t.Fatal(err)
		}
		if snapshot.FramesMax < last {
			t.Fatalf("scan %d found %d frames, one before %d", i, snapshot.FramesMax, last)
		}
		last = snapshot.FramesMax
		for _, s := range snapshot.Stacks {
			if s.Truncated {
				t.Errorf("%v is cut off", s.Functions)
			}
			if s.Functions[0] == "main.deepen" && slices.Contains(s.Functions, "main.main") {
				t.Errorf("%v mixes two stacks", s.Functions)
			}
		}
	}
}
