package discovery

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxDockerConfig is in bytes: the environment and the labels of a container are in its file.
const maxDockerConfig = 1 << 20

// dockerName is the name of a container in a folder like /var/lib/docker/containers, which root alone may read. "" if it is
// not known.
func dockerName(folder, id string) string {
	if folder == "" || id == "" {
		return ""
	}
	f, err := os.Open(filepath.Join(folder, id, "config.v2.json"))
	if err != nil {
		return ""
	}
	defer f.Close()
	var config struct{ Name string }
	if json.NewDecoder(io.LimitReader(f, maxDockerConfig)).Decode(&config) != nil {
		return ""
	}
	return clean(strings.TrimPrefix(config.Name, "/"), maxName)
}
