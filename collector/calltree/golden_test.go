package calltree

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"
)

// goldenNode is a node as in testdata/golden.json, with the labels of its series for names.
type goldenNode struct {
	Node       string
	Parent     string
	Function   string
	Depth      int
	Goroutines int64
}

// The vectors were computed by another program (Python, its xxhash package), and are run by the TypeScript code too.
func TestGoldenVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Name   string
			Stacks []Stack
			Tree   struct {
				FramesMax int `json:"frames_max"`
				Nodes     []goldenNode
			}
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) == 0 {
		t.Fatal("testdata/golden.json has no cases")
	}
	for _, c := range golden.Cases {
		t.Run(c.Name, func(t *testing.T) {
			tree := NewBuilder().Build(c.Stacks, time.Time{})
			if tree.FramesMax != c.Tree.FramesMax {
				t.Errorf("the deepest stack has %d frames, want %d", tree.FramesMax, c.Tree.FramesMax)
			}
			got := []goldenNode{}
			for _, n := range tree.Nodes {
				got = append(got, goldenNode{n.ID, n.Parent, n.Function, n.Depth, n.Goroutines})
			}
			if !reflect.DeepEqual(got, c.Tree.Nodes) {
				t.Errorf("nodes are\n%+v\nwant\n%+v", got, c.Tree.Nodes)
			}
		})
	}
}
