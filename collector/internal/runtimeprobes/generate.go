package runtimeprobes

// Objects are committed, so that a build needs no clang. The include folders hold asm/types.h on Debian and its kin.
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -tags linux -target amd64,arm64 -type grow_count -type totals bpf runtimeprobes.bpf.c -- -O2 -g -Wall -Werror -I/usr/include/x86_64-linux-gnu -I/usr/include/aarch64-linux-gnu
