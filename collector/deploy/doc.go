// Package deploy has what runs the agent on a host, and tests that its files agree with each other and with what the agent
// keeps for itself (package privileges):
//
//	goroutine_stack_exporter-agent.service  systemd
//	daemonset.yaml                          Kubernetes
//	../../docker-compose.yaml               Docker: the demo's profile agent
//	seccomp.json                            system calls, for Docker, and for Kubernetes as a Localhost profile
//	scrape.yml                              how Prometheus finds the processes
package deploy
