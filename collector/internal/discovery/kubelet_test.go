package discovery

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// logFolders makes the kubelet's folders with these files: folders end in "/".
func logFolders(t *testing.T, files ...string) (k *kubelet, root string) {
	t.Helper()
	root = t.TempDir()
	for _, folder := range []string{"containers", "pods"} {
		if err := os.Mkdir(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range files {
		add(t, root, file)
	}
	return newKubelet(filepath.Join(root, "pods"), filepath.Join(root, "containers")), root
}

func add(t *testing.T, root, file string) {
	t.Helper()
	var err error
	if strings.HasSuffix(file, "/") {
		err = os.MkdirAll(filepath.Join(root, file), 0o755)
	} else {
		// The kubelet's links lead to /var/log/pods, which need not be visible.
		err = os.Symlink("/var/log/pods/somewhere", filepath.Join(root, file))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheKubeletsLogFoldersNameAContainer(t *testing.T) {
	k, _ := logFolders(t,
		"containers/prometheus-0_monitoring_config-reloader-"+nodeID+".log",
		"containers/prometheus-0_monitoring_prometheus-"+id+".log",
		"containers/kube-apiserver-node-1_kube-system_kube-apiserver-"+strings.Repeat("a", 64)+".log",
		"containers/not a log",
		"containers/a_b-"+strings.Repeat("b", 64)+".log",
		"pods/monitoring_prometheus-0_"+uid+"/prometheus/",
		"pods/monitoring_prometheus-0_"+uid+"/config-reloader/",
		"pods/kube-system_kube-apiserver-node-1_"+static+"/kube-apiserver/",
		"pods/lost+found/",
	)
	for _, c := range []struct {
		why       string
		container container
		want      names
		complete  bool
	}{
		{"by id", container{id, uid}, names{"monitoring", "prometheus-0", "prometheus"}, true},
		{"another of the same pod", container{nodeID, uid}, names{"monitoring", "prometheus-0", "config-reloader"}, true},
		{"by the UID of a pod with one container", container{strings.Repeat("c", 64), static}, names{"kube-system", "kube-apiserver-node-1", "kube-apiserver"}, false},
		{"by the UID of a pod with several", container{strings.Repeat("c", 64), uid}, names{"monitoring", "prometheus-0", ""}, false},
		{"of a pod that is not known yet", container{strings.Repeat("c", 64), "00000000-0000-0000-0000-000000000000"}, names{}, false},
		{"of no pod", container{strings.Repeat("c", 64), ""}, names{}, true},
		{"none", container{}, names{}, true},
	} {
		k.listAgain()
		got, complete := k.find(c.container)
		if got != c.want || complete != c.complete {
			t.Errorf("%s: %+v, complete %t; want %+v, %t", c.why, got, complete, c.want, c.complete)
		}
	}
}

func TestNamesThatAreWrittenLaterAreFound(t *testing.T) {
	k, root := logFolders(t)
	c := container{id, uid}
	for _, step := range []struct {
		file string
		want names
	}{
		{"", names{}},
		{"pods/default_web-5d_" + uid + "/", names{"default", "web-5d", ""}},
		{"pods/default_web-5d_" + uid + "/web/", names{"default", "web-5d", "web"}},
		{"containers/web-5d_default_web-" + id + ".log", names{"default", "web-5d", "web"}},
	} {
		if step.file != "" {
			add(t, root, step.file)
		}
		k.listAgain()
		if got, _ := k.find(c); got != step.want {
			t.Errorf("after %q: %+v, want %+v", step.file, got, step.want)
		}
	}
	if _, complete := k.find(c); !complete {
		t.Error("with the link to its log, there is nothing more to know")
	}
}

func TestAFolderThatHasNotChangedIsNotListedAgain(t *testing.T) {
	k, root := logFolders(t)
	past := time.Now().Add(-time.Hour)
	setTime := func(to time.Time) {
		if err := os.Chtimes(filepath.Join(root, "containers"), to, to); err != nil {
			t.Fatal(err)
		}
	}
	setTime(past)
	k.find(container{id, ""})
	add(t, root, "containers/web_default_web-"+id+".log")
	setTime(past) // as if nothing had happened
	k.listAgain()
	if n, _ := k.find(container{id, ""}); n != (names{}) {
		t.Errorf("the folder was listed again: %+v", n)
	}
	setTime(past.Add(time.Second))
	k.listAgain()
	if n, _ := k.find(container{id, ""}); n.pod != "web" {
		t.Errorf("the folder was not listed again: %+v", n)
	}
}

func TestWithoutTheFoldersNothingIsKnown(t *testing.T) {
	k := newKubelet(filepath.Join(t.TempDir(), "none"), "")
	if n, complete := k.find(container{id, uid}); n != (names{}) || complete {
		t.Errorf("%+v, complete %t", n, complete)
	}
}

func TestDockerKnowsTheNamesOfItsContainers(t *testing.T) {
	folder := t.TempDir()
	for file, text := range map[string]string{
		id + "/config.v2.json":     `{"State":{"Running":true},"ID":"` + id + `","Name":"/web-1","Config":{"Env":["A=b"]}}`,
		nodeID + "/config.v2.json": `{"Name":`,
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]string{id: "web-1", nodeID: "", strings.Repeat("a", 64): "", "": ""} {
		if got := dockerName(folder, id); got != want {
			t.Errorf("%s is called %q, want %q", id, got, want)
		}
	}
	if got := dockerName("", id); got != "" {
		t.Errorf("without the folder: %q", got)
	}
}
