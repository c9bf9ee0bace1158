package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"regain.example/imager"
)

// booting tells at each scrape of the machines on their way to the agent.
type booting struct {
	op       imager.Operator
	clients  *prometheus.Desc
	troubles *prometheus.Desc
	rivals   *prometheus.Desc
}

func newBooting(op imager.Operator) *booting {
	return &booting{
		op: op,
		clients: prometheus.NewDesc("regain_boot_clients",
			"Machines on their way to the agent, by the last boot stage that was seen.", []string{"stage"}, nil),
		troubles: prometheus.NewDesc("regain_boot_troubles",
			"Machines on their way to the agent that do not get there, by the likely cause.", []string{"kind"}, nil),
		rivals: prometheus.NewDesc("regain_dhcp_rivals",
			"Other DHCP servers that answer on the bench network.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (b *booting) Describe(ch chan<- *prometheus.Desc) {
	ch <- b.clients
	ch <- b.troubles
	ch <- b.rivals
}

// Collect implements prometheus.Collector.
func (b *booting) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	now, err := b.op.Boots(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(b.clients, err)
		return
	}
	stages, troubles := zeroes(bootStages()), zeroes(bootTroubles())
	for _, m := range now.Clients {
		stages[clamp(m.Stage, bootStages())]++
		if m.Trouble != nil {
			troubles[clamp(m.Trouble.Kind, bootTroubles())]++
		}
	}
	for s, n := range stages {
		ch <- prometheus.MustNewConstMetric(b.clients, prometheus.GaugeValue, n, s)
	}
	for k, n := range troubles {
		ch <- prometheus.MustNewConstMetric(b.troubles, prometheus.GaugeValue, n, k)
	}
	ch <- prometheus.MustNewConstMetric(b.rivals, prometheus.GaugeValue, float64(len(now.Rivals)))
}

func zeroes(labels []string) map[string]float64 {
	m := make(map[string]float64, len(labels))
	for _, l := range labels {
		m[l] = 0
	}
	return m
}
