package goelf

import (
	"debug/dwarf"
	"debug/elf"
	"io"
	"slices"
	"strings"
)

// maxDebugInfo bounds the debugging information that is decompressed, in bytes. Kubernetes' largest binaries have some
// 60 MB of it.
const maxDebugInfo = 256 << 20

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
		section := file.Section(".debug_" + part)
		if section == nil || section.Size > maxDebugInfo {
			continue
		}
		// Not section.Data, which believes what the section says of its size.
		if sections[part], err = io.ReadAll(io.LimitReader(section.Open(), maxDebugInfo)); err != nil {
			return nil, false, err
		}
	}
	if len(sections["info"]) == 0 || len(sections["abbrev"]) == 0 {
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
	typ, err := data.Type(entry.Offset)
	if err != nil {
		return nil, false, err
	}
	offsets = map[string]uint64{}
	addFields(offsets, "", typ, 0, 0)
	return offsets, true, nil
}

// findStruct finds a struct type in the unit of its package. Other units are not looked into: all of a large program
// would take seconds.
func findStruct(data *dwarf.Data, info []byte, name string) (*dwarf.Entry, error) {
	r := data.Reader()
	for unit := uint64(0); unit+12 < uint64(len(info)); {
		// A unit's header, DWARF 5, 7.5.1.1: its length without these 4 bytes, then the version.
		length, version := uint64(u32(info[unit:])), info[unit+4]
		header := uint64(11)
		if version >= 5 {
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
		unit += 4 + length
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

func addFields(offsets structOffsets, prefix string, typ dwarf.Type, start uint64, depth int) {
	for {
		if alias, ok := typ.(*dwarf.TypedefType); ok {
			typ = alias.Type
			continue
		}
		break
	}
	s, ok := typ.(*dwarf.StructType)
	if !ok || depth == maxNesting {
		return
	}
	for _, field := range s.Field {
		name := prefix + field.Name
		offset := start + uint64(field.ByteOffset)
		offsets[name] = offset
		addFields(offsets, name+".", field.Type, offset, depth+1)
	}
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
