package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"regain.example/agent/api"
	"regain.example/imager"
)

// present tells at each scrape what is so now.
type present struct {
	op       imager.Operator
	machines *prometheus.Desc
	online   *prometheus.Desc
	halted   *prometheus.Desc
	rate     *prometheus.Desc
}

func newPresent(op imager.Operator) *present {
	return &present{
		op: op,
		machines: prometheus.NewDesc("regain_machines",
			"Machines by the state of their present or last job; none for those that never had one.", []string{"state"}, nil),
		online: prometheus.NewDesc("regain_machines_online", "Machines whose agent is connected.", nil, nil),
		halted: prometheus.NewDesc("regain_machines_halted", "Machines whose work is halted until an operator releases them.", nil, nil),
		rate: prometheus.NewDesc("regain_throughput_bytes_per_second",
			"Present rate of all machines together.", []string{"phase"}, nil),
	}
}

// noJob is the state of machines that never had a job.
const noJob = "none"

// Describe implements prometheus.Collector.
func (p *present) Describe(ch chan<- *prometheus.Desc) {
	ch <- p.machines
	ch <- p.online
	ch <- p.halted
	ch <- p.rate
}

// Collect implements prometheus.Collector.
func (p *present) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	views, err := p.op.Machines(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(p.machines, err)
		return
	}
	states := map[string]float64{noJob: 0}
	for _, s := range jobStates() {
		states[string(s)] = 0
	}
	rates := map[api.Phase]float64{}
	for _, phase := range withBytes() {
		rates[phase] = 0
	}
	var online, halted float64
	for _, v := range views {
		if v.Job == nil {
			states[noJob]++
		} else {
			states[string(v.Job.State)]++
		}
		if v.Machine.Halted != "" {
			halted++
		}
		if v.Online {
			online++
			addRates(rates, v)
		}
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for s, n := range states {
		gauge(p.machines, n, s)
	}
	for phase, r := range rates {
		gauge(p.rate, r, string(phase))
	}
	gauge(p.online, online)
	gauge(p.halted, halted)
}

// addRates adds what the drives of a machine do now. The agent is a stranger:
// only known phases and rates that make sense count.
func addRates(rates map[api.Phase]float64, v imager.View) {
	if v.Progress == nil {
		return
	}
	for _, d := range v.Progress.Drives {
		if _, known := rates[d.Phase]; known && d.BytesPerSecond > 0 && d.BytesPerSecond < 1e12 {
			rates[d.Phase] += d.BytesPerSecond
		}
	}
}
