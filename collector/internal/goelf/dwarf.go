package goelf

import (
	"debug/dwarf"
	"debug/elf"
	"io"
	"slices"
	"strings"
)

const (
	// maxDebugInfo bounds what is decompressed of each section of debugging information, in bytes. Kubernetes' largest binaries
	// have some 60 MB of it.
	maxDebugInfo = 128 << 20
	// maxAbbreviations bounds the section that says how entries are written. It takes ten times its size in memory when read.
	// Go's is the same for all packages, of 1 kB; C compilers make one for each file.
	maxAbbreviations = 4 << 20
	// maxUnits is more than the packages and C files that a program has.
	maxUnits = 1 << 16
	// maxFields bounds the fields of one struct, those of structs in it included. runtime.g has some 150.
	maxFields = 1 << 12
)

// Offsets in bytes of fields of a struct of the program, nested ones by "sched.sp".
type structOffsets map[string]uint64

// gLayout reads the layout of runtime.g from the debugging information. ok is false when there is none.
func (e *Executable) gLayout() (g GLayout, ok bool, err error) {
	defer recoverDamage(&err)
	offsets, ok, err := StructOffsets(e.file, "runtime.g")
	if !ok || err != nil {
		return GLayout{}, false, err
	}
	g, ok = NewGLayout(offsets)
	return g, ok, nil
}

// NewGLayout makes a layout of the offsets of runtime.g, see [StructOffsets]. ok is false when one is missing.
func NewGLayout(offsets map[string]uint64) (g GLayout, ok bool) {
	ok = true
	for name, field := range map[string]*uint64{
		"stack.lo": &g.StackLo, "stack.hi": &g.StackHi,
		"sched.sp": &g.SchedSP, "sched.pc": &g.SchedPC, "sched.g": &g.SchedG, "sched.lr": &g.SchedLR, "sched.bp": &g.SchedBP,
		"syscallsp": &g.SyscallSP, "syscallpc": &g.SyscallPC,
		"atomicstatus": &g.AtomicStatus, "goid": &g.GoID,
		"waitsince": &g.WaitSince, "waitreason": &g.WaitReason, "trackingSeq": &g.TrackingSeq,
		"parentGoid": &g.ParentGoID, "gopc": &g.GoPC, "startpc": &g.StartPC,
	} {
		offset, known := offsets[name]
		*field, ok = offset, ok && known
	}
	return g, ok
}

// StructOffsets returns the offsets of the fields of a struct type, by name, those of structs in it as "outer.inner". ok
// is false when the file has no debugging information, or not that type.
func StructOffsets(file *elf.File, name string) (offsets map[string]uint64, ok bool, err error) {
	sections := map[string][]byte{}
	for _, part := range []string{"info", "abbrev", "str", "line_str", "str_offsets", "addr"} {
		limit := maxDebugInfo
		if part == "abbrev" {
			limit = maxAbbreviations
		}
		section := file.Section(".debug_" + part)
		if section == nil || section.Size > uint64(limit) {
			continue
		}
		// Not section.Data, which believes what the section says of its size.
		if sections[part], err = io.ReadAll(io.LimitReader(section.Open(), int64(limit))); err != nil {
			return nil, false, err
		}
	}
	if len(sections["info"]) == 0 || len(sections["abbrev"]) == 0 {
		return nil, false, nil
	}
	if units := unitsOf(sections["info"]); len(units) == 0 || len(units) > maxUnits {
		return nil, false, nil
	}
	data, err := dwarf.New(sections["abbrev"], nil, nil, sections["info"], nil, nil, nil, sections["str"])
	if err != nil {
		return nil, false, err
	}
	for _, part := range []string{"line_str", "str_offsets", "addr"} { // of DWARF 5, since Go 1.25
		if sections[part] != nil {
			if err := data.AddSection(".debug_"+part, sections[part]); err != nil {
				return nil, false, err
			}
		}
	}
	entry, err := findStruct(data, sections["info"], name)
	if entry == nil || err != nil {
		return nil, false, err
	}
	offsets = structOffsets{}
	if err := addFields(offsets, data, entry, "", 0, 0); err != nil {
		return nil, false, err
	}
	return offsets, true, nil
}

// unitsOf returns where the units are that debugging information consists of: DWARF 5, 7.5.1. It stops where there is
// none, or after too many.
func unitsOf(info []byte) (starts []uint64) {
	for at := uint64(0); at+12 < uint64(len(info)) && len(starts) <= maxUnits; {
		starts = append(starts, at)
		at += 4 + uint64(u32(info[at:]))
	}
	return starts
}

// findStruct finds a struct type in the unit of its package. Other units are not looked into: all of a large program
// would take seconds.
func findStruct(data *dwarf.Data, info []byte, name string) (*dwarf.Entry, error) {
	r := data.Reader()
	for _, unit := range unitsOf(info) {
		// A unit's header is its length without these 4 bytes, then its version, then others.
		header := uint64(11)
		if info[unit+4] >= 5 {
			header = 12
		}
		r.Seek(dwarf.Offset(unit + header))
		entry, err := r.Next()
		if err != nil {
			return nil, err
		}
		if entry != nil && entry.Tag == dwarf.TagCompileUnit && entry.Val(dwarf.AttrName) == packageOf(name) {
			if found, err := findInUnit(r, name); found != nil || err != nil {
				return found, err
			}
		}
	}
	return nil, nil
}

func packageOf(name string) string { return name[:strings.LastIndexByte(name, '.')] }

// findInUnit finds a struct type among what follows in a unit.
func findInUnit(r *dwarf.Reader, name string) (*dwarf.Entry, error) {
	for {
		entry, err := r.Next()
		if entry == nil || err != nil || entry.Tag == 0 || entry.Tag == dwarf.TagCompileUnit {
			return nil, err
		}
		if entry.Tag == dwarf.TagStructType && entry.Val(dwarf.AttrName) == name {
			return entry, nil
		}
		r.SkipChildren()
	}
}

// maxNesting of structs in structs; runtime.g needs two.
const maxNesting = 3

// addFields adds the offsets of a struct's fields. It reads the entries itself: data.Type follows types that refer to
// themselves until the stack is full, which cannot be recovered from.
func addFields(offsets structOffsets, data *dwarf.Data, structure *dwarf.Entry, prefix string, start uint64, depth int) error {
	r := data.Reader()
	r.Seek(structure.Offset)
	if _, err := r.Next(); err != nil || !structure.Children || depth == maxNesting {
		return err
	}
	for {
		field, err := r.Next()
		if field == nil || err != nil || field.Tag == 0 {
			return err
		}
		name, _ := field.Val(dwarf.AttrName).(string)
		at, ok := field.Val(dwarf.AttrDataMemberLoc).(int64)
		if field.Tag == dwarf.TagMember && ok {
			if len(offsets) == maxFields {
				return failed(Damaged, "a struct has more than %d fields", maxFields)
			}
			offsets[prefix+name] = start + uint64(at)
			inner, err := structOf(data, field)
			if err != nil {
				return err
			}
			if inner != nil {
				if err := addFields(offsets, data, inner, prefix+name+".", start+uint64(at), depth+1); err != nil {
					return err
				}
			}
		}
		r.SkipChildren()
	}
}

// structOf returns the struct type of a field, nil if it has another.
func structOf(data *dwarf.Data, field *dwarf.Entry) (*dwarf.Entry, error) {
	const maxAliases = 8
	for i := 0; i < maxAliases; i++ {
		offset, ok := field.Val(dwarf.AttrType).(dwarf.Offset)
		if !ok {
			return nil, nil
		}
		r := data.Reader()
		r.Seek(offset)
		typ, err := r.Next()
		if typ == nil || err != nil {
			return nil, err
		}
		switch typ.Tag {
		case dwarf.TagStructType:
			return typ, nil
		case dwarf.TagTypedef:
			field = typ
		default:
			return nil, nil
		}
	}
	return nil, nil
}

// SupportedVersions returns the minor versions of Go whose layout is known, such as "1.26", oldest first.
func SupportedVersions() []string {
	var versions []string
	for version := range layouts {
		versions = append(versions, version)
	}
	slices.Sort(versions)
	return versions
}
