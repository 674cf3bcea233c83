package main

import (
	"io"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"
)

var (
	forever    = make(chan struct{})
	told       sync.Map // names to stacks
	finalizers int
)

// tell notes the stack of the goroutine that calls it, without tell itself.
func tell(name string) {
	pcs := make([]uintptr, 1<<21)
	var functions []string
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		frame, more := frames.Next()
		functions = append(functions, frame.Function)
		if !more {
			break
		}
	}
	told.Store(name, functions)
}

// startZoo starts one or more goroutines of each kind that there is.
func startZoo() {
	waiting()
	entries()
	inlined()
	deep()
	panicking()
	system()
	ioWaiting()
	startNewer()
	startC()
	leak()
}

func waiting() {
	go func() { <-forever }()
	full := make(chan struct{})
	go func() { full <- struct{}{} }()
	go func() { select {} }()
	go func() {
		var none chan int
		<-none
	}()
	other := make(chan struct{})
	go func() {
		select {
		case <-forever:
		case other <- struct{}{}:
		}
	}()
	for i := 0; i < 7; i++ {
		go rangeOver(make(chan int))
	}
	mutex := new(sync.Mutex)
	mutex.Lock()
	for i := 0; i < 3; i++ {
		go func() { mutex.Lock() }()
	}
	readWrite := new(sync.RWMutex)
	readWrite.Lock()
	go func() { readWrite.RLock() }()
	go func() { readWrite.Lock() }()
	cond := sync.NewCond(new(sync.Mutex))
	go func() {
		cond.L.Lock()
		cond.Wait()
	}()
	group := new(sync.WaitGroup)
	group.Add(1)
	go group.Wait()
	once := new(sync.Once)
	go once.Do(func() { <-forever })
	go time.Sleep(1000 * time.Hour)
	go func() { time.Sleep(1000 * time.Hour) }()
	go func() {
		for range time.Tick(1000 * time.Hour) {
		}
	}()
	time.AfterFunc(0, func() { <-forever })
}

func rangeOver(c chan int) {
	for range c {
	}
}

type parker interface{ park(depth int) }

type value struct{ a, b, c int }

func (v value) park(depth int) { <-forever }

type pointer struct{ a [40]int }

func (p *pointer) park(depth int) {
	if depth == 0 {
		<-forever
	}
	p.park(depth - 1)
	p.a[0]++
}

type embedding struct {
	parker
	*generic[map[string]int]
}

type generic[T any] struct{ values []T }

func (g *generic[T]) wait(until chan struct{}) { g.values = append(g.values, receive[T](until)) }

//go:noinline
func receive[T any](until chan struct{}) (t T) {
	<-until
	return t
}

// entries starts goroutines in all the ways in which a go statement can.
func entries() {
	go value{}.park(0)
	go (&pointer{}).park(12)
	var p parker = value{}
	go p.park(1)
	method := (&pointer{}).park
	go method(2)
	expression := (*pointer).park
	go expression(&pointer{}, 3)
	e := embedding{value{}, &generic[map[string]int]{}}
	go e.park(1)
	go e.wait(forever)
	promoted := e.park
	go promoted(1)
	go (&generic[struct{ A []int }]{}).wait(forever)
	go receive[[]string](forever)
	go receive[*pointer](forever)
	go func(c chan struct{}, more ...int) { <-c }(forever, 1, 2, 3)
	for i := 0; i < 3; i++ {
		go func() {
			func() {
				defer func() { _ = i }()
				func() { <-forever }()
			}()
		}()
	}
	go sort.Slice([]int{3, 2, 1}, func(i, j int) bool {
		<-forever
		return i < j
	})
	go strings.Map(func(r rune) rune {
		<-forever
		return r
	}, "calls back")
}

func one(c chan struct{})   { two(c) }
func two(c chan struct{})   { three(c) }
func three(c chan struct{}) { <-c }

type tree struct{ left, right *tree }

func (t *tree) each(f func(*tree)) {
	if t.left != nil {
		t.left.each(f)
	}
	f(t)
}

// inlined starts goroutines with calls that are inlined into each other.
func inlined() {
	go one(forever)
	go func() {
		one(nil) // another place of the same functions
	}()
	go (&tree{left: &tree{left: &tree{}}}).each(func(*tree) { three(forever) })
	go func() {
		defer two(forever)
	}()
	go func() {
		var once sync.Once
		once.Do(func() { two(forever) })
	}()
}

func recursive(depth int, name string) int {
	var frame [3000]byte // large, and different at each level
	frame[depth%len(frame)] = byte(depth)
	if depth == 0 {
		tell(name)
		<-forever
	}
	return recursive(depth-1, name) + int(frame[depth%len(frame)])
}

func even(depth int, name string) int {
	if depth == 0 {
		tell(name)
		<-forever
	}
	return odd(depth-1, name) + 1
}

func odd(depth int, name string) int {
	var frame [100]int
	frame[depth%100] = depth
	return triple(depth, name) + frame[depth%100]
}

//go:noinline
func triple(depth int, name string) int {
	if depth <= 0 {
		return even(0, name)
	}
	return even(depth-1, name) + 2
}

func huge(name string) {
	var frame [1 << 20]byte // more than is read at once, of which most pages were never touched
	frame[7] = 7
	tell(name)
	<-forever
	frame[len(name)]++
}

func deep() {
	go recursive(5000, "recursive")
	go even(3001, "even")
	go recursive(10, "shallow")
	go huge("huge")
	go func() { huge("huge in a closure") }()
	go walk(100, 60)
}

// walk gives each level of a recursion goroutines of its own.
func walk(width, depth int) {
	for i := 0; i < width/50; i++ {
		go walkChild()
	}
	if depth > 0 {
		walk(width, depth-1)
	}
	tell("walk")
	<-forever
}

func walkChild() { <-forever }

type box struct{ content *int }

func panicking() {
	go func() {
		defer func() {
			recover()
			<-forever
		}()
		panic("waits in what it defers")
	}()
	go func() {
		defer func() { <-forever }()
		dereference(nil)
	}()
	go func() {
		defer deferredWithArguments(1, "two")
		dereference(&box{})
	}()
	go func() {
		defer func() {
			recover()
			func() {
				defer func() { <-forever }()
				divide(1, len(os.Args)-len(os.Args))
			}()
		}()
		panic("and again")
	}()
	go func() {
		defer three(forever)
		runtime.Goexit()
	}()
	go func() {
		defer recovered()
		var none parker
		none.park(0)
	}()
	go func() {
		defer value{}.park(0)
		var empty []int
		_ = empty[len(os.Args)]
	}()
}

func recovered() {
	if recover() != nil {
		<-forever
	}
}

//go:noinline
func dereference(b *box) int { return *b.content }

//go:noinline
func divide(a, b int) int { return a / b }

func deferredWithArguments(int, string) { <-forever }

func system() {
	go func() {
		runtime.LockOSThread()
		<-forever
	}()
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		panic(err)
	}
	for i := 0; i < 2; i++ {
		go func() {
			var b [1]byte
			syscall.Read(pipe[0], b[:])
		}()
	}
	go func() {
		runtime.LockOSThread()
		var b [1]byte
		syscall.Read(pipe[0], b[:])
	}()
	go func() {
		f := os.NewFile(uintptr(pipe[0]), "pipe")
		io.ReadAll(f)
	}()
	// The runtime's own goroutine runs a finalizer for ever.
	runtime.SetFinalizer(&pointer{}, finalize)
	runtime.GC()
	<-finalizing
	finalizers++
}

var finalizing = make(chan struct{})

func finalize(*pointer) {
	close(finalizing)
	<-forever
}

func ioWaiting() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	accepted := make(chan net.Conn)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	for i := 0; i < 3; i++ {
		c, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			panic(err)
		}
		go io.Copy(io.Discard, c)
		go io.ReadFull(<-accepted, make([]byte, 10))
	}
}

// leak makes goroutines that the garbage collector finds to wait for ever, where it looks for such.
func leak() {
	for i := 0; i < 5; i++ {
		go leaked(make(chan struct{}))
	}
	if p := pprof.Lookup("goroutineleak"); p != nil {
		for i := 0; i < 20; i++ { // until the goroutines are there
			runtime.Gosched()
		}
		if err := p.WriteTo(io.Discard, 0); err != nil {
			panic(err)
		}
	}
}

func leaked(c chan struct{}) { <-c }
