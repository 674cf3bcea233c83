package discovery

import (
	"fmt"
	"slices"
)

// Names of labels, as the package's doc explains them.
const (
	labelInstance    = "instance"
	labelNamespace   = "namespace"
	labelPod         = "pod"
	labelContainer   = "container"
	labelContainerID = "container_id"
)

var labelNames = []string{labelInstance, labelNamespace, labelPod, labelContainer, labelContainerID}

func isLabel(name string) bool { return slices.Contains(labelNames, name) }

// labelsOf leaves out labels without a value.
func labelsOf(host, command string, pid int, n names, containerID string) map[string]string {
	labels := map[string]string{labelInstance: fmt.Sprintf("%s:%s:%d", host, command, pid)}
	for name, value := range map[string]string{
		labelNamespace:   n.namespace,
		labelPod:         n.pod,
		labelContainer:   n.container,
		labelContainerID: containerID,
	} {
		if value != "" {
			labels[name] = value
		}
	}
	return labels
}
