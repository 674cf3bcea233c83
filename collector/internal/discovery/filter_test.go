package discovery

import (
	"strings"
	"testing"
)

func parseFilters(t *testing.T, texts ...string) (filters []Filter) {
	t.Helper()
	for _, text := range texts {
		filter, err := ParseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		if filter.String() != text {
			t.Errorf("the filter %q is shown as %q", text, filter)
		}
		filters = append(filters, filter)
	}
	return filters
}

func TestFiltersByNameCgroupAndLabel(t *testing.T) {
	c := candidate{
		command: "goroutine_stack_exporter",
		comm:    "goroutine_stack",
		cgroup:  "/kubepods/burstable/pod1/c0ffee",
		labels:  map[string]string{"namespace": "monitoring", "pod": "agent-x2b"},
	}
	for text, want := range map[string]bool{
		"goroutine_stack_exporter":       true,
		"goroutine_stack":                true, // as ps shows it
		"goroutine.*":                    true,
		"goroutine":                      false, // a whole name is meant
		"stack_exporter":                 false,
		"a|goroutine_stack_exporter":     true,
		"":                               false,
		"cgroup:/kubepods/.*":            true,
		"cgroup:kubepods":                false,
		"label:namespace=monitoring":     true,
		"label:namespace=monitor":        false,
		"label:pod=agent-.+":             true,
		"label:container=":               true, // it has none
		"label:container=.+":             false,
		"label:namespace=default|mon.*g": true,
	} {
		if got := parseFilters(t, text)[0].matches(c); got != want {
			t.Errorf("%q matches: %t, want %t", text, got, want)
		}
	}
}

func TestIncludeThenExclude(t *testing.T) {
	c := candidate{command: "prometheus", labels: map[string]string{"namespace": "monitoring"}}
	for _, x := range []struct {
		include, exclude []string
		want             bool
	}{
		{nil, nil, true},
		{[]string{"prometheus"}, nil, true},
		{[]string{"grafana"}, nil, false},
		{[]string{"grafana", "prometheus"}, nil, true},
		{nil, []string{"prometheus"}, false},
		{nil, []string{"grafana"}, true},
		{[]string{"prometheus"}, []string{"label:namespace=monitoring"}, false},
	} {
		if got := wanted(c, parseFilters(t, x.include...), parseFilters(t, x.exclude...)); got != x.want {
			t.Errorf("include %q, exclude %q: wanted is %t", x.include, x.exclude, got)
		}
	}
}

func TestAFilterThatCannotBeMeantIsRefused(t *testing.T) {
	for text, says := range map[string]string{
		"(":                    "regular expression",
		"cgroup:[":             "regular expression",
		"label:namespace":      "label:KEY=REGEX",
		"label:image=x":        "instance, namespace, pod, container, container_id",
		"label:namespace=a{2,": "",
	} {
		_, err := ParseFilter(text)
		if says == "" {
			if err != nil {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v, want an error that repeats it and says %q", text, err, says)
		}
	}
}
