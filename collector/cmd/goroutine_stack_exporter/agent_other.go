//go:build !linux || !(amd64 || arm64)

package main

import (
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
)

func runAgent(agentFlags, string, time.Duration, *web.FlagConfig, *slog.Logger) error {
	return errors.New("the agent reads processes of Linux on amd64 and arm64 alone")
}
