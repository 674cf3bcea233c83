package discovery

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// Finder knows the Go processes of a host. Its methods may be called at the same time.
type Finder struct {
	options  Options
	metrics  metrics
	proc     procfs.FS
	self     int // the own PID as options.Proc has it, 0 if it is not there
	snapshot atomic.Pointer[snapshot]

	mu         sync.Mutex // of all below
	closed     bool
	known      map[int]*entry // by PID
	kept       int            // of them, those with a process
	generation uint64
	kubelet    *kubelet
	programs   map[FileID]program
	openings   chan struct{} // holds one for each executable that is being opened
	told       map[reason]bool
}

// snapshot is what the finder knew at the end of a refresh.
type snapshot struct {
	processes []*Process // by PID
	byID      map[string]*Process
}

// entry is what is known of a process that has an executable.
type entry struct {
	file FileID

	// Of processes that could not be looked at.
	failure reason // or ""
	again   time.Time

	// Of Go processes.
	program   program
	stat      stat
	container container
	candidate candidate
	names     names
	complete  bool     // names are
	process   *Process // nil if the filters leave it out
}

const (
	// maxPrograms is how many executables are remembered. Those that run now are in any case.
	maxPrograms = 4096
	// Executables are opened and read in a millisecond, but for those on file systems that do not answer. A system call
	// that waits for one cannot be given up: it may keep its thread, but only so many threads, and not the refresh.
	openTimeout = 2 * time.Second
	maxOpenings = 16
	// retryAfter is when a process that could not be looked at is tried again.
	retryAfter = time.Minute
)

// New returns a Finder that knows no process yet.
func New(options Options) (*Finder, error) {
	options = options.withDefaults()
	proc, err := procfs.NewFS(options.Proc)
	if err != nil {
		return nil, fmt.Errorf("processes are found in procfs: mount it at %s: %w", options.Proc, err)
	}
	f := &Finder{
		options:  options,
		metrics:  newMetrics(options.Registerer),
		proc:     proc,
		known:    map[int]*entry{},
		kubelet:  newKubelet(options.KubeletPods, options.KubeletContainers),
		programs: map[FileID]program{},
		openings: make(chan struct{}, maxOpenings),
		told:     map[reason]bool{},
	}
	if self, err := proc.Self(); err == nil {
		f.self = self.PID
	}
	f.snapshot.Store(&snapshot{})
	f.warnOfNamespace()
	return f, nil
}

// hostPIDNamespace is the first PID namespace: PROC_PID_INIT_INO in the kernel's include/linux/proc_ns.h.
const hostPIDNamespace = "pid:[4026531836]"

func (f *Finder) warnOfNamespace() {
	namespace, err := os.Readlink(filepath.Join(f.options.Proc, "self/ns/pid"))
	if err == nil && namespace != hostPIDNamespace {
		f.options.Logger.Warn("This is not the host's PID namespace: only processes of the same container can be found. "+
			"For those of the host, set hostPID: true (Kubernetes) or pid: host (Docker)", "namespace", namespace)
	}
}

// Processes are those of the last refresh, by PID.
func (f *Finder) Processes() []*Process { return f.snapshot.Load().processes }

// Lookup returns the process that has that [Process.ID], if it was there at the last refresh.
func (f *Finder) Lookup(id string) (*Process, bool) {
	p, ok := f.snapshot.Load().byID[id]
	return p, ok
}

// Refresh looks which processes are new, gone, or run another program, and returns those that there are, by PID. Known
// processes cost a system call or, if they are Go's, a few; so it can be called every second.
//
// A process that cannot be looked at is counted, and the first of a kind is logged; an error is about all of them.
func (f *Finder) Refresh() ([]*Process, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, fs.ErrClosed
	}
	begin := time.Now()
	processes, err := f.proc.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("processes cannot be listed in %s: %w", f.options.Proc, err)
	}
	f.kubelet.listAgain()
	there := make(map[int]bool, len(processes))
	for _, p := range processes {
		if p.PID == f.self && !f.options.Self {
			continue
		}
		f.replace(p.PID, f.look(p, f.known[p.PID]))
		there[p.PID] = true
	}
	for pid := range f.known {
		if !there[pid] {
			f.replace(pid, nil)
		}
	}
	f.forgetPrograms()
	f.publish()
	f.metrics.duration.Set(time.Since(begin).Seconds())
	return f.Processes(), nil
}

// Close forgets all processes and closes their executables.
func (f *Finder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for pid := range f.known {
		f.replace(pid, nil)
	}
	f.publish()
	return nil
}

// replace makes e what is known of the process: nothing, if it is nil.
func (f *Finder) replace(pid int, e *entry) {
	var before, after *os.File
	if old := f.known[pid]; old != nil && old.process != nil {
		before = old.process.Exe
		f.kept--
	}
	if e != nil && e.process != nil {
		after = e.process.Exe
		f.kept++
	}
	if before != nil && before != after {
		before.Close()
	}
	if e == nil {
		delete(f.known, pid)
	} else {
		f.known[pid] = e
	}
}

// look returns what there is to know of a process, of which that is known; nil if it runs no program.
func (f *Finder) look(p procfs.Proc, known *entry) *entry {
	file, err := identify(f.path(p, "exe"))
	if err != nil {
		return f.failed(p, known, FileID{}, err, denied)
	}
	if known == nil || known.file != file {
		return f.inspect(p, known, file)
	}
	switch {
	case known.failure != "":
		if time.Now().Before(known.again) {
			return known
		}
		return f.inspect(p, known, file)
	case !known.program.isGo():
		return known // whoever has this PID now, it is the same program
	}
	now, err := f.readStat(p)
	if err != nil || !known.stat.sameProgram(now) {
		return f.inspect(p, known, file)
	}
	return f.learnNames(p, known)
}

// inspect looks at a process that is new, or runs a program that is.
func (f *Finder) inspect(p procfs.Proc, known *entry, file FileID) *entry {
	if program, ok := f.programs[file]; ok && !program.isGo() {
		return &entry{file: file}
	}
	before, err := f.readStat(p)
	if err != nil || before.ended() {
		return nil
	}
	exe, program, err := f.open(p, file)
	if err != nil {
		return f.failed(p, known, file, err, fileDenied)
	}
	if !program.isGo() {
		exe.Close()
		return &entry{file: file}
	}

	link, linkErr := os.Readlink(f.path(p, "exe"))
	comm, commErr := p.Comm()
	groups, groupsErr := p.Cgroups()
	fileAfter, fileErr := identify(f.path(p, "exe"))
	after, afterErr := f.readStat(p)
	if errors.Join(linkErr, commErr, groupsErr, fileErr, afterErr) != nil || fileAfter != file || !before.sameProgram(after) {
		// It ended, or ran exec, in the middle of this. What it is then, the next refresh sees.
		exe.Close()
		return nil
	}
	e := &entry{file: file, program: program, stat: after}
	e.candidate = candidate{command: commandOf(link, comm), comm: comm}
	e.candidate.cgroup, e.container = groupsOf(groups)
	f.findNames(p, e)
	if !wanted(e.candidate, f.options.Include, f.options.Exclude) {
		exe.Close()
		return e
	}
	replaces := known != nil && known.process != nil
	if f.kept >= f.options.MaxProcesses && !replaces {
		exe.Close()
		return f.failed(p, known, file, errTooMany, tooMany)
	}
	f.generation++
	e.process = &Process{
		PID:        p.PID,
		StartTime:  after.start,
		Generation: f.generation,
		Command:    e.candidate.command,
		GoVersion:  program.goVersion,
		Module:     program.module,
		Exe:        exe,
		File:       file,
		Root:       f.path(p, "root"),
		Cgroup:     e.candidate.cgroup,
		Labels:     e.candidate.labels,
	}
	return e
}

// findNames asks for the names of the process's container, and makes its labels.
func (f *Finder) findNames(p procfs.Proc, e *entry) {
	e.names, e.complete = f.kubelet.find(e.container)
	if e.names == (names{}) {
		e.names.container = dockerName(f.options.DockerContainers, e.container.id)
	}
	e.candidate.labels = labelsOf(f.options.Host, e.candidate.command, p.PID, e.names, e.container.id)
}

// learnNames completes the labels of a known process as soon as the kubelet has written more names down.
func (f *Finder) learnNames(p procfs.Proc, known *entry) *entry {
	if known.complete {
		return known
	}
	e := *known
	f.findNames(p, &e)
	if maps.Equal(e.candidate.labels, known.candidate.labels) {
		known.complete = e.complete
		return known
	}
	switch keep := wanted(e.candidate, f.options.Include, f.options.Exclude); {
	case !keep:
		e.process = nil
	case known.process == nil:
		return f.inspect(p, known, known.file)
	default:
		process := *known.process
		process.Labels = e.candidate.labels
		e.process = &process
	}
	return &e
}

var (
	errTooMany = errors.New("as many Go processes are known as may be")
	errStuck   = errors.New("the file system of the executable did not answer in time")
)

// failed is what is known of a process of which nothing can be known. permission is the reason if there is no right to.
func (f *Finder) failed(p procfs.Proc, known *entry, file FileID, err error, permission reason) *entry {
	e := &entry{file: file, again: time.Now().Add(retryAfter)}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ESRCH):
		return nil // a thread of the kernel, or a process that has ended
	case errors.Is(err, fs.ErrPermission):
		e.failure = permission
	case errors.Is(err, errTooMany):
		e.failure = tooMany
	case errors.Is(err, errStuck):
		e.failure = stuck
	default:
		e.failure = unreadable
	}
	if known == nil || known.failure != e.failure || known.file != file {
		f.metrics.errors.WithLabelValues(string(e.failure)).Inc()
	}
	if !f.told[e.failure] {
		f.told[e.failure] = true
		f.options.Logger.Warn("A process cannot be looked at. Further ones are counted in "+
			"goroutine_stack_exporter_discovery_errors_total, and not logged", "reason", e.failure, "advice", advice[e.failure],
			"pid", p.PID, "err", err)
	}
	return e
}

// open opens a process's executable and reads what program it is.
func (f *Finder) open(p procfs.Proc, file FileID) (*os.File, program, error) {
	select {
	case f.openings <- struct{}{}:
	default:
		return nil, program{}, errStuck
	}
	type opened struct {
		exe     *os.File
		program program
		err     error
	}
	known, isKnown := f.programs[file]
	done := make(chan opened)
	givenUp := make(chan struct{})
	go func() {
		defer func() { <-f.openings }()
		var o opened
		o.exe, o.err = os.Open(f.path(p, "exe"))
		if o.err == nil {
			o.err = checkIdentity(o.exe, file)
		}
		if o.program = known; o.err == nil && !isKnown {
			o.program, o.err = readProgram(o.exe, file.Size)
		}
		select {
		case done <- o:
		case <-givenUp:
			o.exe.Close()
		}
	}()
	select {
	case o := <-done:
		if o.err == nil || errors.Is(o.err, errNotGo) {
			f.programs[file] = o.program
			return o.exe, o.program, nil
		}
		o.exe.Close()
		return nil, program{}, o.err
	case <-time.After(openTimeout):
		close(givenUp)
		return nil, program{}, errStuck
	}
}

func (f *Finder) forgetPrograms() {
	if len(f.programs) <= maxPrograms {
		return
	}
	runs := map[FileID]bool{}
	for _, e := range f.known {
		runs[e.file] = true
	}
	maps.DeleteFunc(f.programs, func(file FileID, _ program) bool { return !runs[file] })
}

func (f *Finder) publish() {
	s := &snapshot{byID: make(map[string]*Process, f.kept), processes: make([]*Process, 0, f.kept)}
	count := map[string]int{}
	for _, e := range f.known {
		switch {
		case e.process != nil:
			count[stateKept]++
			s.processes = append(s.processes, e.process)
			s.byID[e.process.ID()] = e.process
		case e.program.isGo():
			count[stateFiltered]++
		default:
			count[stateOther]++
		}
	}
	slices.SortFunc(s.processes, func(a, b *Process) int { return cmp.Compare(a.PID, b.PID) })
	for _, state := range states {
		f.metrics.processes.WithLabelValues(state).Set(float64(count[state]))
	}
	f.snapshot.Store(s)
}

func (f *Finder) path(p procfs.Proc, name string) string {
	return filepath.Join(f.options.Proc, strconv.Itoa(p.PID), name)
}

func (f *Finder) readStat(p procfs.Proc) (stat, error) {
	file, err := os.Open(f.path(p, "stat"))
	if err != nil {
		return stat{}, err
	}
	defer file.Close()
	var line [1024]byte // of 52 numbers and a command of 15 bytes
	n, err := io.ReadFull(file, line[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return stat{}, err
	}
	return parseStat(bytes.TrimSpace(line[:n]))
}

// identify returns the identity of an executable. It does not wait for file systems on a network, or of FUSE, to tell
// whether the file has changed there.
func identify(exe string) (FileID, error) { return identifyAt(unix.AT_FDCWD, exe, 0) }

// checkIdentity returns an error if what was opened is another file: the process has run exec, and is to be looked at anew.
func checkIdentity(exe *os.File, file FileID) error {
	opened, err := identifyAt(int(exe.Fd()), "", unix.AT_EMPTY_PATH)
	if err == nil && opened != file {
		err = fmt.Errorf("%s is another file by now: %w", exe.Name(), fs.ErrNotExist)
	}
	return err
}

func identifyAt(folder int, name string, flags int) (FileID, error) {
	const mask = unix.STATX_INO | unix.STATX_SIZE | unix.STATX_MTIME
	var s unix.Statx_t
	if err := unix.Statx(folder, name, flags|unix.AT_STATX_DONT_SYNC, mask, &s); err != nil {
		return FileID{}, &fs.PathError{Op: "statx", Path: name, Err: err}
	}
	return FileID{
		Device:   unix.Mkdev(s.Dev_major, s.Dev_minor),
		Inode:    s.Ino,
		Size:     int64(s.Size),
		Modified: s.Mtime.Sec*1e9 + int64(s.Mtime.Nsec),
	}, nil
}
