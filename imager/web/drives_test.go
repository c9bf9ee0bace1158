package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"regain.example/imager"
)

// TestDriveIsExplained: what the machine's page says of its drive, and what not.
func TestDriveIsExplained(t *testing.T) {
	for machine, test := range map[string]struct{ says, not []string }{
		"11": {says: []string{"The drive sanitizes itself", "40 %", "NVMe sanitize, block erase: accepted by the drive, 09:03 UTC"}, not: []string{"unknown", "id=\"withdraw\""}},
		"12": {says: []string{"Paused: at 61 °C", "62 %", "310.0 GB written and flushed"}},
		"13": {says: []string{"waiting for the controller&#39;s sample seed"}},
		"14": {says: []string{"Purge (NIST SP 800-88 Rev. 2)", "64 of 64 markers gone", "8,412", "What was done and seen (1 attempt)", "84h, CDW10 0000000Ah"}, not: []string{"What to do", "Destroy this drive"}},
		"15": {says: []string{"Why not erased", "61 of 64 markers", "Pull the drive in M.2 slot 1", "the first at byte 1,050,673,152"}, not: []string{"Purge (", "nvme-sanitize-block"}},
		"16": {says: []string{"Destroy this drive", "M.2 slot 1, serial S4GENX0NA00016", "689 more than before"}, not: []string{"Purge ("}},
		"17": {says: []string{"It cannot be approved as it is", "set the storage to AHCI", "keeps 1 NVMe drive to itself", "Slot M.2 slot 2: not in use"}, not: []string{`id="approve"`, "#approve"}},
		"18": {says: []string{"Sampled again", "fresh sampling"}},
		"19": {says: []string{"What it holds now", "goes on in the drive by itself"}},
	} {
		_, body := call(t, site(t, workshop()), "GET", "/machines/"+machine, goodSecret, nil)
		for _, want := range test.says {
			if !strings.Contains(body, want) {
				t.Errorf("machine %s: the page does not say %q", machine, want)
			}
		}
		for _, never := range test.not {
			if strings.Contains(body, never) {
				t.Errorf("machine %s: the page says %q", machine, never)
			}
		}
	}
}

// TestUnknownIsNeverGreen: whatever the job says, a drive without the outcome
// "erased" is not shown as such.
func TestUnknownIsNeverGreen(t *testing.T) {
	op := workshop()
	v, err := op.Machine(t.Context(), 14)
	if err != nil {
		t.Fatal(err)
	}
	v.Job.Drives[0].Outcome = imager.OutcomeUnknown
	op.Put(v)
	_, body := call(t, site(t, op), "GET", "/machines/14", goodSecret, nil)
	if strings.Contains(body, `<span class="verdict">erased</span>`) || !strings.Contains(body, `<span class="verdict">unknown</span>`) {
		t.Error("an unknown drive is shown as erased")
	}
}

func TestEvidenceFile(t *testing.T) {
	op := workshop()
	s := site(t, op)
	v, err := op.Machine(t.Context(), 14)
	if err != nil {
		t.Fatal(err)
	}
	sum := v.Job.Drives[0].EvidenceFile
	_, page := call(t, s, "GET", "/machines/14", goodSecret, nil)
	if !strings.Contains(page, `href="/evidence/`+sum+`"`) {
		t.Error("the page does not link the evidence")
	}
	resp, body := call(t, s, "GET", "/evidence/"+sum, goodSecret, nil)
	if got := sha256.Sum256([]byte(body)); resp.StatusCode != http.StatusOK || hex.EncodeToString(got[:]) != sum {
		t.Errorf("%s, %d bytes with another SHA-256", resp.Status, len(body))
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Content-Disposition": `attachment; filename="evidence-` + sum + `.json"`,
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	resp, body = call(t, s, "GET", "/evidence/"+sum, "", nil)
	if resp.StatusCode != http.StatusSeeOther || bytes.Contains([]byte(body), []byte("attempts")) {
		t.Errorf("without a login: %s", resp.Status)
	}
	for _, path := range []string{strings.Repeat("0", 64), strings.ToUpper(sum), sum[:63], sum + "0", "..%2f..%2fetc%2fpasswd"} {
		if resp, _ := call(t, s, "GET", "/evidence/"+path, goodSecret, nil); resp.StatusCode != http.StatusNotFound {
			t.Errorf("/evidence/%s: %s", path, resp.Status)
		}
	}
}
