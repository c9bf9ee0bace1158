// Package metrics gives the controller's figures to Prometheus. Labels are small
// enumerations; no machine, drive or job ever becomes one.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"regain.example/imager"
)

// Metrics counts. It implements boot's Meter.
type Metrics struct {
	registry *prometheus.Registry

	dhcp      *prometheus.CounterVec
	tftp      *prometheus.CounterVec
	tftpBytes prometheus.Counter
	http      *prometheus.CounterVec
	httpBytes *prometheus.CounterVec

	phases   *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	seconds  *prometheus.CounterVec
	outcomes *prometheus.CounterVec
	drives   *prometheus.CounterVec
	jobs     *prometheus.CounterVec
}

// New returns metrics over what op tells at each scrape. version is the
// program's.
func New(op imager.Operator, version string) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		dhcp:     counter("regain_dhcp_messages_total", "DHCP messages received and sent.", "message"),
		tftp:     counter("regain_tftp_transfers_total", "TFTP transfers that ended.", "result"),
		tftpBytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "regain_tftp_sent_bytes_total", Help: "Bytes sent by TFTP."}),
		http:      counter("regain_bench_http_requests_total", "HTTP requests on the bench side that ended.", "kind", "status"),
		httpBytes: counter("regain_bench_http_sent_bytes_total", "Bytes sent by HTTP on the bench side.", "kind"),
		phases: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "regain_phase_duration_seconds", Help: "Duration of the phases of jobs.",
			// From a Format of seconds to the overwriting of a drive of 20 TB.
			Buckets: []float64{1, 5, 15, 60, 180, 600, 1800, 3600, 7200, 14400, 28800, 57600, 115200},
		}, []string{"phase"}),
		bytes:    counter("regain_phase_bytes_total", "Bytes worked on in phases that ended.", "phase"),
		seconds:  counter("regain_phase_seconds_total", "Time spent in phases that ended and worked on bytes; bytes by it is the mean rate.", "phase"),
		outcomes: counter("regain_drive_outcomes_total", "Drives by the method of their last attempt and the verdict on its evidence.", "method", "outcome"),
		drives:   counter("regain_drives_total", "Drives with a verdict, by outcome, level of NIST SP 800-88, and the first method that was not refused.", "outcome", "level", "method"),
		jobs:     counter("regain_jobs_ended_total", "Jobs that ended, by their last state.", "state"),
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "regain_build_info", Help: "1, with the version of the controller."}, []string{"version"})
	info.WithLabelValues(version).Set(1)
	m.registry.MustRegister(info, m.dhcp, m.tftp, m.tftpBytes, m.http, m.httpBytes,
		m.phases, m.bytes, m.seconds, m.outcomes, m.drives, m.jobs, newPresent(op), newBooting(op))
	m.start()
	return m
}

// AddRuntime adds the figures of the process and of Go's runtime, which differ
// from run to run.
func (m *Metrics) AddRuntime() {
	m.registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{Namespace: "regain"}))
}

// Handler serves the exposition to whoever holds the token.
func (m *Metrics) Handler(token string) http.Handler {
	return bearer(token, promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		Timeout: 10 * time.Second, MaxRequestsInFlight: 4,
	}))
}
