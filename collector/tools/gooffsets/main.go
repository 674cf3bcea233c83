// Command gooffsets makes the table of where Go's runtime keeps things, by minor version: internal/goelf/layouts.json.
//
// For the first and the newest release of each minor version it builds a program with that toolchain, for amd64 and for
// arm64, and reads the offsets from its debugging information, and the numbers from the toolchain's source. If these
// differ within a minor version, it fails: then the table needs more than one entry for that. Only new reasons to wait
// after the others are no difference.
package main

import (
	"cmp"
	"debug/elf"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stackpressure/goroutines/collector/internal/goelf"
)

const oldest = 22 // Go 1.22

func main() {
	log.SetFlags(0)
	out := flag.String("o", "layouts.json", "`file` to write")
	flag.Parse()
	byMinor, err := releases()
	if err != nil {
		log.Fatal(err)
	}
	layouts := map[string]goelf.Layout{}
	for minor, patches := range byMinor {
		ends := slices.Compact([]int{patches[0], patches[len(patches)-1]})
		for _, patch := range ends {
			for _, arch := range []string{"amd64", "arm64"} {
				version := fmt.Sprintf("go1.%d.%d", minor, patch)
				log.Printf("%s %s", version, arch)
				layout, err := measure(version, arch)
				if err != nil {
					log.Fatalf("%s %s: %v", version, arch, err)
				}
				key := fmt.Sprintf("1.%d", minor)
				before, ok := layouts[key]
				if n := len(before.WaitReasons); ok && n < len(layout.WaitReasons) && slices.Equal(before.WaitReasons, layout.WaitReasons[:n]) {
					before.WaitReasons = layout.WaitReasons
				}
				if ok && !reflect.DeepEqual(before, layout) {
					log.Fatalf("%s %s: not as the releases before it:\n%+v\n%+v", version, arch, layout, before)
				}
				layouts[key] = layout
			}
		}
	}
	text, err := json.MarshalIndent(layouts, "", "  ")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, append(text, '\n'), 0o644); err != nil {
		log.Fatal(err)
	}
}

// releases returns the patch releases of each minor version that the module proxy has, ascending.
func releases() (map[int][]int, error) {
	list, err := run("", nil, "go", "list", "-m", "-versions", "golang.org/toolchain")
	if err != nil {
		return nil, err
	}
	byMinor := map[int][]int{}
	for _, match := range regexp.MustCompile(`-go1\.(\d+)\.(\d+)\.linux-amd64`).FindAllStringSubmatch(list, -1) {
		minor, _ := strconv.Atoi(match[1])
		patch, _ := strconv.Atoi(match[2])
		if minor >= oldest {
			byMinor[minor] = append(byMinor[minor], patch)
		}
	}
	for _, patches := range byMinor {
		slices.SortFunc(patches, cmp.Compare[int])
	}
	return byMinor, nil
}

const program = "package main\n\nfunc main() {}\n"

func measure(version, arch string) (goelf.Layout, error) {
	folder, err := os.MkdirTemp("", "gooffsets")
	if err != nil {
		return goelf.Layout{}, err
	}
	defer os.RemoveAll(folder)
	for name, text := range map[string]string{"main.go": program, "go.mod": "module gooffsets\n\ngo 1.22\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return goelf.Layout{}, err
		}
	}
	env := []string{"GOTOOLCHAIN=" + version, "GOARCH=" + arch, "GOOS=linux", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off"}
	if _, err := run(folder, env, "go", "build", "-o", "program", "."); err != nil {
		return goelf.Layout{}, err
	}
	root, err := run(folder, env, "go", "env", "GOROOT")
	if err != nil {
		return goelf.Layout{}, err
	}
	file, err := elf.Open(filepath.Join(folder, "program"))
	if err != nil {
		return goelf.Layout{}, err
	}
	defer file.Close()
	return layoutOf(file, strings.TrimSpace(root))
}

func layoutOf(file *elf.File, root string) (layout goelf.Layout, err error) {
	g, ok, err := goelf.StructOffsets(file, "runtime.g")
	if err != nil || !ok {
		return layout, fmt.Errorf("no type runtime.g: %v", err)
	}
	if layout.G, ok = goelf.NewGLayout(g); !ok {
		return layout, fmt.Errorf("runtime.g lacks a field: it has %v", g)
	}
	module, ok, err := goelf.StructOffsets(file, "runtime.moduledata")
	if err != nil || !ok {
		return layout, fmt.Errorf("no type runtime.moduledata: %v", err)
	}
	layout.Module = goelf.ModuleLayout{Text: module["text"], TextEnd: module["etext"], GoFunc: module["gofunc"]}
	if layout.FuncIDWrapper, err = funcIDWrapper(filepath.Join(root, "src/internal/abi/symtab.go")); err != nil {
		return layout, err
	}
	layout.WaitReasons, err = waitReasons(filepath.Join(root, "src/runtime/runtime2.go"))
	return layout, err
}

// funcIDWrapper returns which of the constants of abi.FuncID FuncIDWrapper is; the first is 0.
func funcIDWrapper(file string) (byte, error) {
	syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return 0, err
	}
	for _, declaration := range syntax.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for i, spec := range group.Specs {
			if spec.(*ast.ValueSpec).Names[0].Name == "FuncIDWrapper" {
				return byte(i), nil
			}
		}
	}
	return 0, fmt.Errorf("%s has no FuncIDWrapper", file)
}

// waitReasons returns the texts of waitReasonStrings, by number.
func waitReasons(file string) ([]string, error) {
	syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return nil, err
	}
	number := map[string]int{}
	var texts []string
	ast.Inspect(syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			if n.Tok == token.CONST && strings.HasPrefix(n.Specs[0].(*ast.ValueSpec).Names[0].Name, "waitReason") {
				for i, spec := range n.Specs {
					number[spec.(*ast.ValueSpec).Names[0].Name] = i
				}
			}
		case *ast.ValueSpec:
			if n.Names[0].Name != "waitReasonStrings" || len(n.Values) != 1 {
				return true
			}
			texts = make([]string, len(number))
			for _, element := range n.Values[0].(*ast.CompositeLit).Elts {
				pair := element.(*ast.KeyValueExpr)
				text, _ := strconv.Unquote(pair.Value.(*ast.BasicLit).Value)
				texts[number[pair.Key.(*ast.Ident).Name]] = text
			}
		}
		return true
	})
	if len(texts) == 0 {
		return nil, fmt.Errorf("%s has no waitReasonStrings", file)
	}
	return texts, nil
}

func run(folder string, env []string, name string, args ...string) (string, error) {
	command := exec.Command(name, args...)
	command.Dir = folder
	command.Env = append(os.Environ(), env...)
	var problem strings.Builder
	command.Stderr = &problem
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, problem.String())
	}
	return string(out), nil
}
