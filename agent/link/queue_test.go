package link

import (
	"testing"

	"regain.example/agent/api"
)

// TestOneEvidenceInABatch bounds requests: the evidence of many drives at once
// would be more than the controller takes in one.
func TestOneEvidenceInABatch(t *testing.T) {
	q := newQueue()
	for range 3 {
		q.add(api.Report{Kind: api.ReportPhaseBegan})
		q.add(api.Report{Kind: api.ReportDrive, Erase: &api.DriveEvidence{}})
	}
	q.add(api.Report{Kind: api.ReportInstalled, Install: &api.InstallEvidence{}})
	q.add(api.Report{Kind: api.ReportLeaving})
	durable := uint64(0)
	for _, want := range []int{2, 2, 2, 1, 1} {
		got := q.first()
		if len(got) != want {
			t.Fatalf("%d reports after %d, want %d", len(got), durable, want)
		}
		for i, r := range got {
			if r.Seq != durable+uint64(i)+1 {
				t.Errorf("report %d is numbered %d", i, r.Seq)
			}
		}
		durable += uint64(len(got))
		q.acknowledge(durable)
	}
	if got := q.first(); len(got) > 0 {
		t.Errorf("%d reports remain", len(got))
	}
}
