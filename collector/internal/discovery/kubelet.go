package discovery

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// names are those by which Kubernetes knows a container.
type names struct{ namespace, pod, container string }

// kubelet knows names from the folders in which the kubelet keeps its containers' logs. It asks nobody, and so needs no
// access to the API server.
//
//	/var/log/containers/<pod>_<namespace>_<container>-<container id>.log
//	/var/log/pods/<namespace>_<pod>_<pod UID>/<container>/
//
// The first is a link that is made when a container has started, the second is there before. Both are documented in
// https://kubernetes.io/docs/concepts/cluster-administration/logging/ and made by
// https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/kuberuntime/legacy.go and helpers.go.
type kubelet struct {
	containers, pods listing
}

func newKubelet(pods, containers string) *kubelet {
	return &kubelet{
		containers: listing{folder: containers, parse: parseContainerLog},
		pods:       listing{folder: pods, parse: parsePodFolder},
	}
}

// find returns the names of a container. complete is false if there may be more to know later.
func (k *kubelet) find(c container) (n names, complete bool) {
	if c.id != "" {
		if n, ok := k.containers.find(c.id); ok {
			return n, true
		}
	}
	if c.podUID == "" {
		return names{}, true
	}
	n, ok := k.pods.find(c.podUID)
	if !ok {
		return names{}, false
	}
	// Which of several containers it is, the pod's folder does not tell.
	folder := n.namespace + "_" + n.pod + "_" + c.podUID
	if containers, err := listFolder(filepath.Join(k.pods.folder, folder), 2); err == nil && len(containers) == 1 {
		n.container = clean(containers[0], maxName)
	}
	return n, false
}

// listAgain allows each folder to be listed once more.
func (k *kubelet) listAgain() {
	k.containers.listed, k.pods.listed = false, false
}

func parseContainerLog(file string) (key string, n names, ok bool) {
	name, isLog := strings.CutSuffix(file, ".log")
	rest, id, found := cutLast(name, "-")
	parts := strings.Split(rest, "_")
	if !isLog || !found || len(id) != 64 || len(parts) != 3 {
		return "", names{}, false
	}
	return id, names{namespace: clean(parts[1], maxName), pod: clean(parts[0], maxName), container: clean(parts[2], maxName)}, true
}

func parsePodFolder(file string) (key string, n names, ok bool) {
	parts := strings.Split(file, "_") // names of Kubernetes have none of their own
	if len(parts) != 3 {
		return "", names{}, false
	}
	return parts[2], names{namespace: clean(parts[0], maxName), pod: clean(parts[1], maxName)}, true
}

func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

// maxListed is how many files of a folder are looked at: the kubelet runs at most 110 pods, unless told otherwise.
const maxListed = 10_000

// listing is what the names of a folder's files say. It is read again when somebody asks for what it has not, and the
// folder has changed.
type listing struct {
	folder string
	parse  func(file string) (key string, n names, ok bool)

	listed   bool // since kubelet.listAgain
	modified time.Time
	read     time.Time
	byKey    map[string]names
}

// settled is how long a folder's time of modification has to be past for two changes not to have the same one.
const settled = 2 * time.Second

func (l *listing) find(key string) (names, bool) {
	if n, ok := l.byKey[key]; ok || l.listed || l.folder == "" {
		return n, ok
	}
	l.listed = true
	info, err := os.Stat(l.folder)
	if err != nil || info.ModTime().Equal(l.modified) && l.read.Sub(l.modified) > settled {
		return names{}, false
	}
	now := time.Now()
	files, err := listFolder(l.folder, maxListed)
	if err != nil {
		return names{}, false
	}
	l.modified, l.read = info.ModTime(), now
	l.byKey = map[string]names{}
	for _, file := range files {
		if key, n, ok := l.parse(file); ok {
			l.byKey[key] = n
		}
	}
	n, ok := l.byKey[key]
	return n, ok
}

func listFolder(folder string, most int) ([]string, error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	files, err := f.Readdirnames(most)
	if err == io.EOF {
		err = nil
	}
	return files, err
}
