//go:build linux && (amd64 || arm64)

package runtimeprobes

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// asksForSupport is set for a copy of the test binary that only says whether it may use probes.
const asksForSupport = "RUNTIMEPROBES_TEST_SUPPORTED"

func init() {
	if os.Getenv(asksForSupport) != "" {
		fmt.Println(Supported())
		os.Exit(0)
	}
}

func TestAUserWithoutRightsIsToldWhichOnesToGet(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	own, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "") // t.TempDir's parent may not be open to others
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "test")
	if err := os.WriteFile(path, own, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	nobody := exec.Command(path)
	nobody.Dir, nobody.Env = "/", []string{asksForSupport + "=1"}
	nobody.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	said, err := nobody.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for _, want := range []string{"CAP_BPF", "CAP_PERFMON", "CAP_SYS_ADMIN", "run as root"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("it says %q, want something of %s", said, want)
		}
	}
	t.Logf("%s", said)
}

func TestOptionsThatCannotBeAreRefused(t *testing.T) {
	for _, o := range []Options{
		{CheckEvery: -1},
		{Window: 2, Period: 1},
		{RingBytes: 5000},
		{RingBytes: 3 * os.Getpagesize()},
		{MaxFunctions: -1},
		{HitsPerSecond: -1},
	} {
		if p, err := New(o); err == nil {
			p.Close()
			t.Errorf("%+v is accepted", o)
		}
	}
}
