//go:build linux && (amd64 || arm64)

package runtimeprobes

import (
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/rlimit"
)

// What the programs for arm64 read of pt_regs is within that of amd64, so that either kernel can check both.
func TestTheProgramsOfBothArchitecturesPassTheVerifier(t *testing.T) {
	if err := Supported(); err != nil {
		t.Skipf("no probes here: %v", err)
	}
	if err := rlimit.RemoveMemlock(); err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{"bpf_x86_bpfel.o", "bpf_arm64_bpfel.o"} {
		t.Run(object, func(t *testing.T) {
			file, err := os.Open(object)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			spec, err := ebpf.LoadCollectionSpecFromReader(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := spec.Variables["settings"].Set(bpfTargetSettings{MaxFrames: maxFrames}); err != nil {
				t.Fatal(err)
			}
			loaded, err := ebpf.NewCollection(spec)
			if err != nil {
				t.Fatal(err)
			}
			defer loaded.Close()
			info, err := loaded.Programs["copystack"].Info()
			if err != nil {
				t.Fatal(err)
			}
			// A kernel of 5.8 gives up at a million instructions.
			if n, ok := info.VerifiedInstructions(); ok {
				t.Logf("copystack takes the verifier %d instructions", n)
				if n > 100_000 {
					t.Errorf("copystack takes the verifier %d instructions, too many to be sure of older ones", n)
				}
			}
		})
	}
}
