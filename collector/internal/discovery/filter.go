package discovery

import (
	"fmt"
	"regexp"
	"strings"
)

// Filter tells some processes from others. Its regular expression has to match the whole text, as in Prometheus.
type Filter struct {
	text   string
	regexp *regexp.Regexp
	texts  func(candidate) []string
}

// candidate is what filters look at.
type candidate struct {
	command string // as the label instance has it
	comm    string // as ps has it, at most 15 bytes
	cgroup  string
	labels  map[string]string
}

// ParseFilter reads a filter as the command line has it:
//
//	REGEX              by name: of the executable without its folder, or as ps shows it
//	cgroup:REGEX       by the path of the control group, as /proc/PID/cgroup has it
//	label:KEY=REGEX    by a label; one that a process does not have is the empty text
func ParseFilter(text string) (Filter, error) {
	filter := Filter{text: text}
	expression := text
	if rest, ok := strings.CutPrefix(text, "cgroup:"); ok {
		expression = rest
		filter.texts = func(c candidate) []string { return []string{c.cgroup} }
	} else if rest, ok := strings.CutPrefix(text, "label:"); ok {
		key, value, ok := strings.Cut(rest, "=")
		if !ok || !isLabel(key) {
			return Filter{}, fmt.Errorf("the filter %q is not label:KEY=REGEX with a KEY of %s", text, strings.Join(labelNames, ", "))
		}
		expression = value
		filter.texts = func(c candidate) []string { return []string{c.labels[key]} }
	} else {
		filter.texts = func(c candidate) []string { return []string{c.command, c.comm} }
	}
	var err error
	if filter.regexp, err = regexp.Compile("^(?s:" + expression + ")$"); err != nil {
		return Filter{}, fmt.Errorf("the filter %q has no valid regular expression (https://github.com/google/re2/wiki/Syntax): %w", text, err)
	}
	return filter, nil
}

func (f Filter) String() string { return f.text }

func (f Filter) matches(c candidate) bool {
	for _, text := range f.texts(c) {
		if f.regexp.MatchString(text) {
			return true
		}
	}
	return false
}

// wanted is true if an include matches, or there is none, and no exclude does.
func wanted(c candidate, include, exclude []Filter) bool {
	matches := func(filters []Filter) bool {
		for _, f := range filters {
			if f.matches(c) {
				return true
			}
		}
		return false
	}
	return (len(include) == 0 || matches(include)) && !matches(exclude)
}
