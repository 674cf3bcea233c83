//go:build ignore

// Uprobes in Go's runtime. Each target process has its own copy of these programs and of all maps but events: what
// differs from target to target is in constants, so that nothing has to be looked up by process id, which would be
// another one in another pid namespace. The kernel's filter of the perf event lets only that process in.
//
// For kernel 5.8: bounded loops, no bpf_loop, no attach cookies. Registers are those of Go's ABIInternal, see
// https://go.dev/s/regabi. All of it runs in the target's own time.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef __u32 u32;
typedef __u64 u64;

// pt_regs as the kernel gives them to programs of this type: arch/x86/include/asm/ptrace.h, and user_pt_regs of
// arch/arm64/include/uapi/asm/ptrace.h.
#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};
#define GO_ARG1(ctx) ((ctx)->ax)
#define GO_ARG2(ctx) ((ctx)->bx)
#define GO_ARG3(ctx) ((ctx)->cx)
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	u64 regs[31], sp, pc, pstate;
};
#define GO_ARG1(ctx) ((ctx)->regs[0])
#define GO_ARG2(ctx) ((ctx)->regs[1])
#define GO_ARG3(ctx) ((ctx)->regs[2])
#else
#error "no registers for this architecture"
#endif

#define MAX_FRAMES 128

// g_layout is where fields of runtime.g are, in bytes from its beginning.
struct g_layout {
	u32 stack_lo, stack_hi, sched_sp, sched_pc, sched_bp, sched_lr, goid, gopc;
};

// target_settings is what user space sets before it loads a target's copy.
struct target_settings {
	u64 min_event_bytes; // growths to fewer are counted but send no event
	u64 wakeup_bytes;    // user space polls; only a ring as full as this wakes it
	u32 target;          // tells its events from others'
	u32 max_frames;      // of an event, 0 if none are to be sent
	struct g_layout g;
};

volatile const struct target_settings settings;

struct grow_count {
	u64 grows;
	u64 bytes;
};

// totals counts what must not be lost for lack of room elsewhere. Fields only ever grow.
struct totals {
	u64 grows, grow_bytes;
	u64 other_grows, other_grow_bytes; // of functions that grow_counts had no room for
	u64 shrinks, shrink_bytes;
	u64 unreadable;  // hits at which a field of g could not be read
	u64 events_sent;
	u64 events_lost;    // the ring was full
	u64 events_skipped; // events_sent had come to events_allowed
	u64 creations, other_creations;
	u64 exits, other_exits;
};

struct growth_event {
	u32 target;
	u32 frames;
	u32 truncated; // there were more frames, or one could not be read
	u32 reserved;
	u64 goid;
	u64 g;
	u64 old_size;
	u64 new_size;
	u64 ktime; // CLOCK_MONOTONIC, ns
	u64 pcs[MAX_FRAMES];
};

_Static_assert(__builtin_offsetof(struct growth_event, pcs) == 56, "event.go has these offsets");

// Preallocated, as allocation inside of a tracing program is not safe before Linux 6.1; and not per CPU, as one entry
// would then take 256 CPUs' worth of memory on a large host.
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, u64);
	__type(value, struct grow_count);
} grow_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, u64);
	__type(value, u64);
} creation_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, u64);
	__type(value, u64);
} exit_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct totals);
} totals_of_target SEC(".maps");

// events_allowed is what events_sent may come to. User space raises it all the time.
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} events_allowed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} events SEC(".maps");

static __always_inline struct totals *get_totals(void)
{
	u32 zero = 0;
	return bpf_map_lookup_elem(&totals_of_target, &zero);
}

static __always_inline int read_field(u64 *to, u64 g, u32 offset)
{
	return bpf_probe_read_user(to, sizeof(*to), (void *)(g + offset));
}

static __always_inline void count_growth(struct totals *t, u64 pc, u64 bytes)
{
	struct grow_count *count = bpf_map_lookup_elem(&grow_counts, &pc);
	if (!count) {
		struct grow_count none = {};
		// Another CPU may have been first: then that entry is found.
		bpf_map_update_elem(&grow_counts, &pc, &none, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&grow_counts, &pc);
	}
	if (count) {
		__sync_fetch_and_add(&count->grows, 1);
		__sync_fetch_and_add(&count->bytes, bytes);
	} else {
		__sync_fetch_and_add(&t->other_grows, 1);
		__sync_fetch_and_add(&t->other_grow_bytes, bytes);
	}
}

// walk writes the growing goroutine's own stack, leaf first. newstack runs on another stack, so what the registers hold
// now is of no use; sched has what they were when the prologue of the leaf called morestack.
static __always_inline void walk(struct growth_event *e, u64 g, u64 pc, u64 lo, u64 hi)
{
	u64 caller = 0, bp = 0;

	e->truncated = 1;
	e->pcs[0] = pc;
	e->frames = 1;
	if (settings.max_frames < 2)
		return;
#if defined(__TARGET_ARCH_x86)
	// The leaf has pushed nothing yet, so its return address is at the top.
	u64 sp = 0;
	if (read_field(&sp, g, settings.g.sched_sp) || sp < lo || sp > hi - 8 ||
	    bpf_probe_read_user(&caller, sizeof(caller), (void *)sp))
		return;
#else
	if (read_field(&caller, g, settings.g.sched_lr))
		return;
#endif
	e->pcs[1] = caller;
	e->frames = 2;
	if (read_field(&bp, g, settings.g.sched_bp))
		return;

	for (u32 i = 2; i < MAX_FRAMES; i++) {
		u64 frame[2]; // the caller's frame pointer, the return address
		if (bp == 0) {
			e->truncated = 0;
			return;
		}
		if (i >= settings.max_frames)
			return;
		if (bp < lo || bp > hi - sizeof(frame) || bpf_probe_read_user(frame, sizeof(frame), (void *)bp))
			return;
		e->pcs[i] = frame[1];
		e->frames = i + 1;
		// A chain that does not rise is none.
		if (frame[0] != 0 && frame[0] <= bp)
			return;
		bp = frame[0];
	}
	if (bp == 0)
		e->truncated = 0;
}

static __always_inline void send_growth(struct totals *t, u64 g, u64 pc, u64 lo, u64 hi, u64 new_size)
{
	u32 zero = 0;
	u64 *allowed = bpf_map_lookup_elem(&events_allowed, &zero);
	if (!allowed || t->events_sent >= *allowed) {
		__sync_fetch_and_add(&t->events_skipped, 1);
		return;
	}
	struct growth_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		__sync_fetch_and_add(&t->events_lost, 1);
		return;
	}
	u64 goid = 0;
	read_field(&goid, g, settings.g.goid); // 0 is no goroutine's id
	e->target = settings.target;
	e->reserved = 0;
	e->goid = goid;
	e->g = g;
	e->old_size = hi - lo;
	e->new_size = new_size;
	e->ktime = bpf_ktime_get_ns();
	walk(e, g, pc, lo, hi);
	// A wake-up costs the target more than all the rest.
	u64 flags = BPF_RB_NO_WAKEUP;
	if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) >= settings.wakeup_bytes)
		flags = BPF_RB_FORCE_WAKEUP;
	bpf_ringbuf_submit(e, flags);
	__sync_fetch_and_add(&t->events_sent, 1);
}

// func copystack(gp *g, newsize uintptr): https://github.com/golang/go/blob/go1.26.0/src/runtime/stack.go. Called by newstack
// (grows, on behalf of the function whose prologue found too little room) and by shrinkstack (halves).
SEC("uprobe/copystack")
int copystack(struct pt_regs *ctx)
{
	u64 g = GO_ARG1(ctx), new_size = GO_ARG2(ctx), lo, hi, pc;
	struct totals *t = get_totals();
	if (!t)
		return 0;
	if (read_field(&lo, g, settings.g.stack_lo) || read_field(&hi, g, settings.g.stack_hi) || hi <= lo || hi - lo < 16) {
		__sync_fetch_and_add(&t->unreadable, 1);
		return 0;
	}
	u64 old_size = hi - lo;
	if (new_size <= old_size) {
		__sync_fetch_and_add(&t->shrinks, 1);
		__sync_fetch_and_add(&t->shrink_bytes, old_size - new_size);
		return 0;
	}
	if (read_field(&pc, g, settings.g.sched_pc)) {
		__sync_fetch_and_add(&t->unreadable, 1);
		return 0;
	}
	__sync_fetch_and_add(&t->grows, 1);
	__sync_fetch_and_add(&t->grow_bytes, new_size - old_size);
	count_growth(t, pc, new_size - old_size);
	if (settings.max_frames && new_size >= settings.min_event_bytes)
		send_growth(t, g, pc, lo, hi, new_size);
	return 0;
}

static __always_inline void count(void *counts, u64 pc, u64 *other)
{
	u64 *n = bpf_map_lookup_elem(counts, &pc);
	if (!n) {
		u64 zero = 0;
		bpf_map_update_elem(counts, &pc, &zero, BPF_NOEXIST);
		n = bpf_map_lookup_elem(counts, &pc);
	}
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		__sync_fetch_and_add(other, 1);
}

// func newproc1(fn *funcval, callergp *g, callerpc uintptr, …) *g, of src/runtime/proc.go. It keeps callerpc in g.gopc, so that
// a goroutine's exit has the same key as its creation.
SEC("uprobe/newproc1")
int newproc1(struct pt_regs *ctx)
{
	struct totals *t = get_totals();
	if (!t)
		return 0;
	__sync_fetch_and_add(&t->creations, 1);
	count(&creation_counts, GO_ARG3(ctx), &t->other_creations);
	return 0;
}

// func gdestroy(gp *g), of src/runtime/proc.go.
SEC("uprobe/gdestroy")
int gdestroy(struct pt_regs *ctx)
{
	u64 pc;
	struct totals *t = get_totals();
	if (!t)
		return 0;
	__sync_fetch_and_add(&t->exits, 1);
	if (read_field(&pc, GO_ARG1(ctx), settings.g.gopc)) {
		__sync_fetch_and_add(&t->unreadable, 1);
		__sync_fetch_and_add(&t->other_exits, 1);
		return 0;
	}
	count(&exit_counts, pc, &t->other_exits);
	return 0;
}

// The helpers that read the target's memory are for GPL-compatible programs alone.
char __license[] SEC("license") = "Dual MIT/GPL";
