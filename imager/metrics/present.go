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
	blocked  *prometheus.Desc
	paused   *prometheus.Desc
	gone     *prometheus.Desc
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
		blocked: prometheus.NewDesc("regain_machines_blocked", "Machines that cannot be approved as they are.", nil, nil),
		paused: prometheus.NewDesc("regain_erase_paused",
			"Drives on which the work stands still on purpose, by what it waits for.", []string{"reason"}, nil),
		gone: prometheus.NewDesc("regain_withdrawn_drives", "Drives that were pulled out, under seal or destroyed.", []string{"state"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (p *present) Describe(ch chan<- *prometheus.Desc) {
	ch <- p.machines
	ch <- p.online
	ch <- p.halted
	ch <- p.rate
	ch <- p.blocked
	ch <- p.paused
	ch <- p.gone
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
	gone, err := p.op.Withdrawn(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(p.gone, err)
		return
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	p.machinesNow(gauge, views)
	p.drivesNow(gauge, views, gone)
}

func (p *present) machinesNow(gauge func(*prometheus.Desc, float64, ...string), views []imager.View) {
	states := map[string]float64{none: 0}
	for _, s := range jobStates() {
		states[string(s)] = 0
	}
	var online, halted, blocked float64
	for _, v := range views {
		if v.Job == nil {
			states[none]++
		} else {
			states[string(v.Job.State)]++
		}
		if v.Machine.Halted != "" {
			halted++
		}
		if len(v.Blocked) > 0 {
			blocked++
		}
		if v.Online {
			online++
		}
	}
	for s, n := range states {
		gauge(p.machines, n, s)
	}
	gauge(p.online, online)
	gauge(p.halted, halted)
	gauge(p.blocked, blocked)
}

func (p *present) drivesNow(gauge func(*prometheus.Desc, float64, ...string), views []imager.View, gone []imager.Withdrawn) {
	rates, paused := map[api.Phase]float64{}, map[api.Pause]float64{}
	for _, phase := range withBytes() {
		rates[phase] = 0
	}
	for _, why := range pauses() {
		paused[why] = 0
	}
	for _, v := range views {
		if v.Online {
			addProgress(rates, paused, v)
		}
	}
	for phase, r := range rates {
		gauge(p.rate, r, string(phase))
	}
	for why, n := range paused {
		gauge(p.paused, n, string(why))
	}
	var destroyed float64
	for _, d := range gone {
		if d.Destroyed != nil {
			destroyed++
		}
	}
	gauge(p.gone, float64(len(gone))-destroyed, "sealed")
	gauge(p.gone, destroyed, "destroyed")
}

// addProgress adds what the drives of a machine do now. The agent is a stranger:
// only known phases and pauses, and rates that make sense, count.
func addProgress(rates map[api.Phase]float64, paused map[api.Pause]float64, v imager.View) {
	if v.Progress == nil {
		return
	}
	for _, d := range v.Progress.Drives {
		if _, known := rates[d.Phase]; known && d.BytesPerSecond > 0 && d.BytesPerSecond < 1e12 {
			rates[d.Phase] += d.BytesPerSecond
		}
		if _, known := paused[d.Pause]; known {
			paused[d.Pause]++
		}
	}
}
