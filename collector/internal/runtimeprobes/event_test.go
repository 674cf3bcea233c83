package runtimeprobes

import (
	"encoding/binary"
	"testing"
)

func TestBytesThatAreNoEventAreRefused(t *testing.T) {
	short := make([]byte, eventBytes-1)
	if _, _, _, err := decodeEvent(short, nil); err == nil {
		t.Error("an event that is too short is decoded")
	}
	tooMany := make([]byte, eventBytes)
	binary.LittleEndian.PutUint32(tooMany[eventFrames:], maxFrames+1)
	if _, _, _, err := decodeEvent(tooMany, nil); err == nil {
		t.Error("an event of more frames than there is room for is decoded")
	}
}
