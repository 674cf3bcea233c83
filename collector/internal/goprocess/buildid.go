package goprocess

import (
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"io"
)

// maxNotes is more than the notes of an executable have: two identities of up to 100 bytes.
const maxNotes = 4096

// Types of ELF notes with an identity.
const (
	gnuBuildID = 3 // NT_GNU_BUILD_ID
	goBuildID  = 4 // ELF_NOTE_GOBUILDID_TAG of cmd/link
)

// buildID returns the identity that pprof knows executables by, that of the linker (since Go 1.24 always there) in
// hexadecimal digits, else Go's own, else "".
func buildID(r io.ReaderAt) string {
	file, err := elf.NewFile(r)
	if err != nil {
		return ""
	}
	if id := note(file, ".note.gnu.build-id", gnuBuildID); id != nil {
		return hex.EncodeToString(id)
	}
	return printable(string(note(file, ".note.go.buildid", goBuildID)))
}

// note returns what the first note of a section says, if it is of that type.
func note(file *elf.File, name string, kind uint32) []byte {
	section := file.Section(name)
	if section == nil || section.Type != elf.SHT_NOTE || section.Size > maxNotes {
		return nil
	}
	data, err := section.Data()
	if err != nil || len(data) < 12 {
		return nil
	}
	// Length of the owner's name and of the description, type; the name, to the next four bytes; the description.
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(data[4*i:]) }
	owner, length := (uint64(word(0))+3)&^3, uint64(word(1))
	if word(2) != kind || 12+owner+length > uint64(len(data)) {
		return nil
	}
	return data[12+owner:][:length]
}
