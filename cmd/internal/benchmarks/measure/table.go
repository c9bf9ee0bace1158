package measure

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"text/tabwriter"
)

// Row is one comparison. The ratio is that of the speeds.
type Row struct {
	What      string
	Ours      Rate
	Peer      string
	Theirs    Rate
	Limit     float64 // MB/s to which both were held; 0 for none
	Aim       float64 // of the ratio, or of the limit if there is one; 0 for none
	LoadAfter string
}

// Table collects rows.
type Table struct{ rows []Row }

// Add takes a row and reports it as the benchmark's figures.
func (t *Table) Add(b *testing.B, r Row) {
	r.LoadAfter = Load()
	t.rows = append(t.rows, r)
	b.ReportMetric(0, "ns/op") // of no meaning here
	b.ReportMetric(r.Ours.MBps(), "MB/s")
	b.ReportMetric(r.Ours.PerGiB(), "cpu-s/GiB")
	b.ReportMetric(r.ratio(), "ratio")
}

func (r Row) ratio() float64 { return r.Ours.MBps() / r.Theirs.MBps() }

// ofLimit is the fraction of the limit that was reached.
func (r Row) ofLimit() string {
	if r.Limit == 0 {
		return "-"
	}
	return share(r.Ours.MBps() / r.Limit)
}

func (r Row) aim() string {
	if r.Aim == 0 {
		return "-"
	}
	if r.ratio() >= r.Aim {
		return fmt.Sprintf("%.2f met", r.Aim)
	}
	return fmt.Sprintf("%.2f MISSED", r.Aim)
}

// Print writes the table to standard output.
func (t *Table) Print(title string) {
	fmt.Printf("\n%s\n", title)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tours MB/s\tpeer MB/s\tratio\taim\tof limit\tours CPU s/GiB\tpeer CPU s/GiB\tload\tpeer\t")
	for _, r := range t.rows {
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%s\t%s\t%s\t%.2f\t%.2f\t%s\t%s\t\n", r.What, r.Ours.MBps(), r.Theirs.MBps(),
			share(r.ratio()), r.aim(), r.ofLimit(), r.Ours.PerGiB(), r.Theirs.PerGiB(), r.LoadAfter, r.Peer)
	}
	w.Flush()
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
