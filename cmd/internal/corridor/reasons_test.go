package corridor

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	netboot "regain.example/boot"
	"regain.example/boot/script"
	"regain.example/imager"
	"regain.example/imager/bootrule"
)

// TestReasonsReachTheScreen: what the controller says of a decision stands whole and
// unchanged in what iPXE and GRUB show. Both filter characters and cut long texts.
func TestReasonsReachTheScreen(t *testing.T) {
	server := script.Server{HTTP: netip.MustParseAddrPort("10.77.0.1:80")}
	action := map[bootrule.Action]netboot.Action{
		bootrule.Nothing: netboot.ActionNone, bootrule.Agent: netboot.ActionAgent, bootrule.OwnDisk: netboot.ActionLocalDisk,
	}
	seen := map[string]bool{}
	for _, s := range []imager.JobState{"", imager.JobErasing, imager.JobInstallFailed, imager.JobInstalled, imager.JobDone, imager.JobCancelled, imager.JobQuarantined} {
		for _, m := range []bootrule.Machine{
			{}, {Unmet: bootrule.Failures}, {Number: 99999}, {Number: 99999, Halted: true}, {Number: 99999, Image: true},
			{Number: 99999, Since: 48 * time.Hour}, {Number: 99999, Fruitless: bootrule.Failures}, {Number: 99999, Unmet: bootrule.Failures},
		} {
			m.Job = s
			d := bootrule.Decide(m)
			seen[d.Reason] = true
			told := netboot.Decision{Action: action[d.Action], Reason: d.Reason}
			ipxe, err := server.IPXE(told, netboot.ArchBIOS, "")
			if err != nil || !strings.Contains(ipxe, "\necho Regain: "+d.Reason+"\n") {
				t.Errorf("iPXE is not told %q, %v:\n%s", d.Reason, err, ipxe)
			}
			grub, err := server.GRUB(told, "")
			if err != nil || !strings.Contains(grub, `echo "Regain: `+d.Reason+`"`+"\n") {
				t.Errorf("GRUB is not told %q, %v:\n%s", d.Reason, err, grub)
			}
			image, err := script.Image(told, "")
			if err != nil || !strings.Contains(image, `echo "Regain: `+d.Reason+`"`+"\n") {
				t.Errorf("the image's GRUB is not told %q, %v:\n%s", d.Reason, err, image)
			}
		}
	}
	if len(seen) < 12 {
		t.Errorf("%d reasons were seen; there are more rows", len(seen))
	}
}
