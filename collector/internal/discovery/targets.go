package discovery

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
)

// targetGroup is one of https://prometheus.io/docs/prometheus/latest/http_sd/.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// authority is what a Host header may be: a name or an address, and a port.
var authority = regexp.MustCompile(`^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$`)

// Targets answers Prometheus' http_sd: one target group for each process that list returns, whose target is this server
// at /probe?process=<Process.ID>. Prometheus reaches it at address; if that is "", where it asked for the list.
//
// What else is known of a process is in labels for relabelling, as those of Prometheus' own discoveries are:
//
//	__meta_process_command      as in the label instance
//	__meta_process_module       path of the main module
//	__meta_process_go_version   such as go1.26.8
//	__meta_process_cgroup       path of its control group
//	__meta_process_address      IP of a process in a network of its own: of a pod, the pod's
func Targets(list func() []*Process, address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "read the targets with a GET request", http.StatusMethodNotAllowed)
			return
		}
		target := address
		if target == "" {
			target = r.Host
		}
		if !authority.MatchString(target) {
			http.Error(w, "the header Host is not host:port", http.StatusBadRequest)
			return
		}
		groups := []targetGroup{} // an empty list is [], not null
		for _, p := range list() {
			labels := map[string]string{
				"__metrics_path__":          "/probe",
				"__param_process":           p.ID(),
				"__meta_process_command":    p.Command,
				"__meta_process_module":     p.Module,
				"__meta_process_go_version": p.GoVersion,
				"__meta_process_cgroup":     p.Cgroup,
				"__meta_process_address":    p.Address(),
			}
			maps.DeleteFunc(labels, func(_, value string) bool { return value == "" })
			for name, value := range p.Labels {
				labels[name] = value
			}
			groups = append(groups, targetGroup{[]string{target}, labels})
		}
		w.Header().Set("Content-Type", "application/json")
		// The only error is that of a client that has gone.
		_ = json.NewEncoder(w).Encode(groups)
	})
}
