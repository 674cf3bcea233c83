package discovery

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

const podTrie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.244.1.0
        /24 link UNICAST
Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
     |-- 10.244.1.17
        /32 host LOCAL
     |-- 10.244.1.255
        /32 link BROADCAST
`

func TestAPodsAddressIsTheFirstThatOthersCanReach(t *testing.T) {
	if got := firstIPv4([]byte(podTrie)).String(); got != "10.244.1.17" {
		t.Errorf("got %s, want 10.244.1.17", got)
	}
	const interfaces = `00000000000000000000000000000001 01 80 10 80       lo
fe8000000000000000fc00fffe000001 04 40 20 80     eth0
fd000000000000000000000000000002 04 40 00 82     eth0
`
	if got := firstIPv6([]byte(interfaces)).String(); got != "fd00::2" {
		t.Errorf("got %s, want fd00::2", got)
	}
	for _, text := range []string{"", "Local:\n", "/32 host LOCAL\n", "|-- x\n/32 host LOCAL\n", "0 0 0 0\n"} {
		if a, b := firstIPv4([]byte(text)), firstIPv6([]byte(text)); a.IsValid() || b.IsValid() {
			t.Errorf("%q has the addresses %s and %s", text, a, b)
		}
	}
}

func TestAProcessInANetworkOfItsOwnHasTheAddressOfThat(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a network namespace")
	}
	command := exec.Command("unshare", "--net", "sh", "-c", "ip link add pod0 type dummy && ip addr add 10.244.1.17/24 dev pod0 && ip link set pod0 up && echo up && exec sleep 60")
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	if n, err := output.Read(make([]byte, 8)); n == 0 {
		t.Skipf("this machine cannot make a network with ip(8): %v", err)
	}
	at := func(pid int) *Process { return &Process{Root: filepath.Join("/proc", strconv.Itoa(pid), "root")} }
	if got := at(command.Process.Pid).Address(); got != "10.244.1.17" {
		t.Errorf("the address is %q, want 10.244.1.17", got)
	}
	if got := at(os.Getpid()).Address(); got != "" {
		t.Errorf("a process of our own network has the address %q", got)
	}
}
