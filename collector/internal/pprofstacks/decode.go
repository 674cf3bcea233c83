package pprofstacks

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/stackpressure/goroutines/collector/calltree"
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
	strings     [][]byte
	functions   map[uint64]function
	locations   map[uint64]*location
}

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

var errDamaged = errors.New("damaged pprof profile, or none: it is no protocol buffer")

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

// maxEntries bounds each table of a profile. A hostile one could otherwise make millions of entries of two bytes each.
const maxEntries = 1 << 20

// decode indexes the profile.
func decode(raw []byte) (*decoded, error) {
	p := &decoded{raw: raw, functions: map[uint64]function{}, locations: map[uint64]*location{}}
	err := eachField(raw, func(field protowire.Number, _ uint64, sub []byte) error {
		switch field {
		case profileSampleType:
			return p.addSampleType(sub)
		case profileString:
			p.strings = append(p.strings, sub)
		case profileFunction:
			return p.addFunction(sub)
		case profileLocation:
			return p.addLocation(sub)
		}
		if max(len(p.strings), len(p.functions), len(p.locations)) > maxEntries {
			return fmt.Errorf("the profile has more than %d strings, functions or locations", maxEntries)
		}
		return nil
	})
	return p, err
}

func (p *decoded) addSampleType(message []byte) error {
	var name uint64
	err := eachField(message, func(field protowire.Number, value uint64, _ []byte) error {
		if field == valueTypeType {
			name = value
		}
		return nil
	})
	p.sampleTypes = append(p.sampleTypes, name)
	return err
}

func (p *decoded) addFunction(message []byte) error {
	var id uint64
	var f function
	err := eachField(message, func(field protowire.Number, value uint64, _ []byte) error {
		switch field {
		case functionID:
			id = value
		case functionName:
			f.name = value
		case functionFile:
			f.file = value
		}
		return nil
	})
	p.functions[id] = f
	return err
}

func (p *decoded) addLocation(message []byte) error {
	var id uint64
	err := eachField(message, func(field protowire.Number, value uint64, _ []byte) error {
		if field == locationID {
			id = value
		}
		return nil
	})
	p.locations[id] = &location{raw: message}
	return err
}

// eachSample reads one sample after the other into s, and calls visit after each.
func (p *decoded) eachSample(s *sample, visit func() error) error {
	return eachField(p.raw, func(field protowire.Number, _ uint64, sub []byte) error {
		if field != profileSample {
			return nil
		}
		s.locations, s.values = s.locations[:0], s.values[:0]
		err := eachField(sub, func(field protowire.Number, value uint64, sub []byte) (err error) {
			switch field {
			case sampleLocation:
				s.locations, err = appendInts(s.locations, value, sub)
			case sampleValue:
				s.values, err = appendInts(s.values, value, sub)
			}
			return err
		})
		if err != nil {
			return err
		}
		return visit()
	})
}

// location returns the location of that id, resolved.
func (p *decoded) location(id uint64) (*location, error) {
	l, ok := p.locations[id]
	if !ok {
		return nil, fmt.Errorf("damaged pprof profile: location %d is missing", id)
	}
	if l.raw == nil {
		return l, nil
	}
	err := eachField(l.raw, func(field protowire.Number, _ uint64, line []byte) error {
		if field != locationLine {
			return nil
		}
		var id uint64
		err := eachField(line, func(field protowire.Number, value uint64, _ []byte) error {
			if field == lineFunction {
				id = value
			}
			return nil
		})
		if err != nil {
			return err
		}
		name, file, err := p.function(id)
		if err != nil {
			return err
		}
		l.frames++
		if !isLeftOut(name, file) {
			l.functions = append(l.functions, calltree.PrintedName(name))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if l.frames == 0 { // an address that the process could not symbolize, as of C code
		l.frames = 1
		l.functions = []string{calltree.Unknown}
	}
	slices.Reverse(l.functions)
	l.raw = nil
	return l, nil
}

// function returns the name and the file of the function of that id.
func (p *decoded) function(id uint64) (name, file string, err error) {
	f, ok := p.functions[id]
	if !ok {
		return "", "", fmt.Errorf("damaged pprof profile: function %d is missing", id)
	}
	if name, err = p.text(f.name); err != nil {
		return "", "", err
	}
	file, err = p.text(f.file)
	return name, file, err
}

// hasFunction tells whether a function of that name is in the profile.
func (p *decoded) hasFunction(name string) bool {
	for _, f := range p.functions {
		if f.name < uint64(len(p.strings)) && string(p.strings[f.name]) == name {
			return true
		}
	}
	return false
}

// text returns the string of that index.
func (p *decoded) text(index uint64) (string, error) {
	if index >= uint64(len(p.strings)) {
		return "", fmt.Errorf("damaged pprof profile: string %d is missing", index)
	}
	return string(p.strings[index]), nil
}
