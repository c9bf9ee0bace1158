package mainjob

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"regain.example/cmd/internal/oracle"
	"regain.example/imager"
)

// Summary is what came of the main job.
type Summary struct {
	Firmware string    `json:"firmware"`
	Began    time.Time `json:"began"`
	Seconds  float64   `json:"seconds"`
	OK       bool      `json:"ok"`
	Problem  string    `json:"problem,omitempty"`

	Phases  []Phase   `json:"phases"`
	OldData []OldData `json:"old_data"`
	// Image compares the drive with the master image outside of what was
	// personalised.
	Image        *oracle.Diff          `json:"image"`
	Personalised []string              `json:"personalised"`
	FirstBoot    *imager.FirstBootCall `json:"first_boot"`
	Record       string                `json:"record"` // path
}

// Phase is one timed phase.
type Phase struct {
	Name           string  `json:"name"`
	Drive          string  `json:"drive,omitempty"` // serial
	Seconds        float64 `json:"seconds"`
	Bytes          uint64  `json:"bytes"`
	BytesPerSecond float64 `json:"bytes_per_second"`
}

// OldData is what the host found of the old data on one drive, and how it was
// shown that it would have found it.
type OldData struct {
	Drive   string         `json:"drive"`
	Scan    oracle.Result  `json:"scan"`
	Control oracle.Control `json:"control"`
}

func (s *Summary) phase(name, drive string, took time.Duration, bytes uint64) {
	p := Phase{Name: name, Drive: drive, Seconds: took.Seconds(), Bytes: bytes}
	if p.Seconds > 0 {
		p.BytesPerSecond = float64(bytes) / p.Seconds
	}
	s.Phases = append(s.Phases, p)
}

// Print writes the summary for people.
func (s *Summary) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(t, "\nphase\tdrive\tseconds\tMB\tMB/s\n")
	for _, p := range s.Phases {
		if p.Bytes == 0 {
			fmt.Fprintf(t, "%s\t%s\t%.1f\t\t\n", p.Name, p.Drive, p.Seconds)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%.1f\t%.0f\t%.0f\n", p.Name, p.Drive, p.Seconds, float64(p.Bytes)/1e6, p.BytesPerSecond/1e6)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, d := range s.OldData {
		fmt.Fprintf(w, "old data on %s: %d of %.0f MB scanned hold any; one sector planted in a copy was found\n",
			d.Drive, d.Scan.Found, float64(d.Scan.Bytes)/1e6)
	}
	if s.Image != nil {
		fmt.Fprintf(w, "installed image: %d of %.0f MB compared differ from the master image\n", s.Image.Differing, float64(s.Image.Compared)/1e6)
	}
	for _, p := range s.Personalised {
		fmt.Fprintf(w, "  changed on purpose: %s\n", p)
	}
	if f := s.FirstBoot; f != nil {
		fmt.Fprintf(w, "first boot: %s (machine-id %s, running from %s) called at %s\n",
			f.Call.Hostname, f.Call.MachineID, f.Call.RootDevice, f.At.Format(time.RFC3339))
	}
	if s.Record != "" {
		fmt.Fprintf(w, "job record: %s\n", s.Record)
	}
	if !s.OK {
		_, err := fmt.Fprintf(w, "\nFAILED: %s\n", s.Problem)
		return err
	}
	_, err := fmt.Fprintf(w, "\nAll is well, after %.0f s.\n", s.Seconds)
	return err
}
