package discovery

import (
	"encoding/json"
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
			labels := map[string]string{"__metrics_path__": "/probe", "__param_process": p.ID()}
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
