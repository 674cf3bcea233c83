package pprofstacks

import (
	"encoding/binary"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of github.com/google/pprof/proto/profile.proto.
const (
	profileSampleType = 1
	profileSample     = 2
	profileLocation   = 4
	profileFunction   = 5
	profileString     = 6

	valueTypeType = 1

	sampleLocation = 1
	sampleValue    = 2

	locationID   = 1
	locationLine = 4
	lineFunction = 1

	functionID   = 1
	functionName = 2
	functionFile = 4
)

// decoded is a profile of which all is indexed but the samples, which are read one at a time.
type decoded struct {
	raw         []byte
	sampleTypes []uint64 // indexes of strings
	strings     []span
	functions   map[uint64]function
	locations   map[uint64]*location
}

// span is a part of decoded.raw, which is shorter than 4 GiB.
type span struct{ start, end uint32 }

type function struct{ name, file uint64 } // indexes of strings

// location is a physical frame.
type location struct {
	raw []byte // nil once it is resolved
	// functions from the outermost caller to the innermost inlined one, named as in the call tree, without those that
	// it leaves out.
	functions []string
	frames    int // with those
}

// sample is the part of a sample that is needed. Its slices are reused for the next.
type sample struct {
	locations []uint64 // leaf first
	values    []int64
}

// appendKey appends what identifies the sample's stack.
func (s *sample) appendKey(key []byte) []byte {
	for _, l := range s.locations {
		key = binary.AppendUvarint(key, l)
	}
	return key
}

var errDamaged = errors.New("what should be a protocol buffer is none")

// eachField calls visit for each field of a message: with its value if it is a varint, with its bytes if it has a length.
func eachField(message []byte, visit func(field protowire.Number, value uint64, sub []byte) error) error {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errDamaged
		}
		message = message[n:]
		var value uint64
		var sub []byte
		switch kind {
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			sub, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(field, kind, message)
		}
		if n < 0 {
			return errDamaged
		}
		message = message[n:]
		if err := visit(field, value, sub); err != nil {
			return err
		}
	}
	return nil
}

// appendInts appends a repeated integer's value, or its values when they are packed.
func appendInts[T uint64 | int64](ints []T, value uint64, packed []byte) ([]T, error) {
	if packed == nil {
		return append(ints, T(value)), nil
	}
	for len(packed) > 0 {
		value, n := protowire.ConsumeVarint(packed)
		if n < 0 {
			return nil, errDamaged
		}
		ints = append(ints, T(value))
		packed = packed[n:]
	}
	return ints, nil
}

func decode(raw []byte) (*decoded, error) {
	p := &decoded{raw: raw, functions: map[uint64]function{}, locations: map[uint64]*location{}}
	at := uint32(0)
	_ = at
	err := eachField(raw, func(field protowire.Number, _ uint64, sub []byte) error {
		switch field {
		case profileSampleType:
			var t uint64
			err := eachField(sub, func(field protowire.Number, value uint64, _ []byte) error {
				if field == valueTypeType {
					t = value
				}
				return nil
			})
			p.sampleTypes = append(p.sampleTypes, t)
			return err
		case profileString:
			// sub is a part of raw, up to whose end it has its capacity.
			start := uint32(cap(raw) - cap(sub))
			p.strings = append(p.strings, span{start, start + uint32(len(sub))})
		case profileFunction:
			return p.addFunction(sub)
		case profileLocation:
			return p.addLocation(sub)
		}
		return nil
	})
	return p, err
}
