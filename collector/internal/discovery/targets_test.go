package discovery

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
)

func ask(t *testing.T, processes []*Process, address, method, host string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequest(method, "/sd", nil)
	request.Host = host
	answer := httptest.NewRecorder()
	Targets(func() []*Process { return processes }, address).ServeHTTP(answer, request)
	return answer
}

func TestPrometheusGetsATargetForEachProcess(t *testing.T) {
	processes := []*Process{
		{PID: 42, StartTime: 1234, Command: "prometheus", GoVersion: "go1.26.8", Labels: labelsOf("node-1", "prometheus", 42, names{"monitoring", "prometheus-0", "prometheus"}, id)},
		{PID: 43, StartTime: 5678, Labels: labelsOf("node-1", "server", 43, names{}, "")},
	}
	answer := ask(t, processes, "", http.MethodGet, "agent.example.com:9979")
	if answer.Code != 200 || answer.Header().Get("Content-Type") != "application/json" {
		t.Errorf("HTTP %d, %s", answer.Code, answer.Header())
	}
	var got any
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []any{
		map[string]any{
			"targets": []any{"agent.example.com:9979"},
			"labels": map[string]any{
				"__metrics_path__": "/probe", "__param_process": "42-1234",
				"__meta_process_command": "prometheus", "__meta_process_go_version": "go1.26.8", "instance": "node-1:prometheus:42",
				"namespace": "monitoring", "pod": "prometheus-0", "container": "prometheus", "container_id": id,
			},
		},
		map[string]any{
			"targets": []any{"agent.example.com:9979"},
			"labels": map[string]any{
				"__metrics_path__": "/probe", "__param_process": "43-5678", "instance": "node-1:server:43",
			},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the targets are\n%v, want\n%v", got, want)
	}
}

func TestWithoutProcessesTheListIsEmpty(t *testing.T) {
	if body := ask(t, nil, "", http.MethodGet, "localhost").Body.String(); body != "[]\n" {
		t.Errorf("the answer is %q", body)
	}
}

func TestTheAddressIsWhereTheListWasAskedForUnlessToldOtherwise(t *testing.T) {
	for host, code := range map[string]int{
		"localhost:9979": 200, "10.0.0.1:9979": 200, "[::1]:9979": 200, "agent": 200,
		"": 400, "a b": 400, "agent:9979/probe?x=": 400, "agent:port": 400, "user@agent:1": 400,
	} {
		if got := ask(t, nil, "", http.MethodGet, host).Code; got != code {
			t.Errorf("Host %q: HTTP %d, want %d", host, got, code)
		}
	}
	processes := []*Process{{PID: 1, Labels: map[string]string{}}}
	var groups []targetGroup
	if err := json.Unmarshal(ask(t, processes, "node-1:9979", http.MethodGet, "x y").Body.Bytes(), &groups); err != nil {
		t.Fatal(err)
	}
	if groups[0].Targets[0] != "node-1:9979" {
		t.Errorf("the target is %s, want the address of the option", groups[0].Targets)
	}
	if got := ask(t, nil, "", http.MethodPost, "localhost").Code; got != 405 {
		t.Errorf("POST: HTTP %d", got)
	}
}
