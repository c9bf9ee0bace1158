package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"regain.example/agent/api"
	"regain.example/imager"
	"regain.example/imager/bootwatch"
	"regain.example/imager/explain"
)

func formats() template.FuncMap {
	return template.FuncMap{
		"size": size, "rate": rate, "left": left, "kind": kind,
		"clock": clock, "stamp": stamp, "millis": millis, "phase": explain.Phase, "device": device,
		"speed": speed, "memory": memory, "step": explain.Step, "hour": hour, "day": day, "number": number, "short": short,
		"second": second, "rivalAdvice": bootwatch.RivalAdvice,
	}
}

// size is in decimal units, as on a drive's label.
func size(bytes uint64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	v, u := float64(bytes), 0
	for v >= 1000 && u < len(units)-1 {
		v, u = v/1000, u+1
	}
	if u == 0 || v >= 100 {
		return fmt.Sprintf("%.0f %s", v, units[u])
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") + " " + units[u]
}

// rate is in MB/s, 10^6 bytes.
func rate(bytesPerSecond float64) string { return fmt.Sprintf("%.0f MB/s", bytesPerSecond/1e6) }

// left is a coarse time left: a person plans by it, and false precision flickers.
func left(seconds float64) string {
	switch {
	case seconds < 0:
		return ""
	case seconds < 10:
		return "a few seconds left"
	case seconds < 60:
		return fmt.Sprintf("%d s left", int(seconds)/5*5+5)
	case seconds < 3600:
		return fmt.Sprintf("%d min left", int(seconds)/60+1)
	}
	return fmt.Sprintf("%d h %02d min left", int(seconds)/3600, int(seconds)%3600/60)
}

// kind says in words what sort of drive it is.
func kind(d api.Drive) string {
	sort := "SSD"
	if d.Rotational {
		sort = "hard disk"
	}
	bus := map[api.Bus]string{
		api.BusNVMe: "NVMe", api.BusATA: "SATA", api.BusSCSI: "SCSI", api.BusSAS: "SAS",
		api.BusUSB: "USB", api.BusMMC: "eMMC or card", api.BusVirtio: "virtual",
	}[d.Bus]
	if bus == "" {
		bus = "unknown bus"
	}
	return bus + " " + sort
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// hour is for what happened in the course of a job.
func hour(t time.Time) string { return t.UTC().Format("15:04") }

// second is for what happens while people stand before it.
func second(t time.Time) string { return t.UTC().Format("15:04:05") }

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

// number writes a count with its noun: "1 drive", "3 drives".
func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// short is the beginning of a hash, for people; the whole stands in the link.
func short(sum string) string { return sum[:min(12, len(sum))] }

// device is a storage device with what was found behind it.
func device(d api.StorageDevice) []string {
	name, found := explain.Device(d)
	return []string{name, found}
}

// stamp is for the datetime attribute.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func millis(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// speed is the mean of an ended phase that worked on bytes.
func speed(p imager.Phase) string {
	if p.Bytes == 0 || p.Millis <= 0 {
		return ""
	}
	return rate(float64(p.Bytes) * 1000 / float64(p.Millis))
}

// memory is in binary units, as on a memory module's label.
func memory(bytes uint64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30)) }

// bootStage makes "kernel 2026-11-22T09:40:52Z" words that a person reads.
func bootStage(s string) string {
	stage, at, found := strings.Cut(s, " ")
	t, err := time.Parse(time.RFC3339, at)
	if !found || err != nil {
		return s
	}
	return bootwatch.Words(stage) + " at " + t.UTC().Format("15:04:05") + " UTC"
}

// sentence makes a message of a program one that a person reads.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	first, n := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[n:]
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}
