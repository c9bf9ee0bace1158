package nvme

import (
	"encoding/binary"
	"testing"
)

// Byte numbers by Base section 5.16.1.3.
func TestParseHealth(t *testing.T) {
	b := make([]byte, 512)
	b[0] = 0x05
	binary.LittleEndian.PutUint16(b[1:], 273+41)
	b[3], b[4], b[5] = 97, 10, 130
	binary.LittleEndian.PutUint64(b[128:], 12345) // power on hours
	binary.LittleEndian.PutUint64(b[144:], 77)    // unsafe shutdowns
	b[168] = 1                                    // media errors, beyond 64 bits
	h, err := ParseHealth(b)
	if err != nil || h.Error != "" || h.Source != "NVMe log page 02h" || *h.CriticalWarning != 5 || *h.Celsius != 41 ||
		*h.SparePercent != 97 || *h.SpareThreshold != 10 || *h.UsedPercent != 130 || *h.PowerOnHours != 12345 ||
		*h.UnsafeShutdowns != 77 || *h.MediaErrors != ^uint64(0) || h.ReallocatedSectors != nil || h.PendingSectors != nil {
		t.Errorf("%+v, %v", h, err)
	}
	if h, _ := ParseHealth(make([]byte, 512)); h.Celsius != nil || h.MediaErrors == nil {
		t.Errorf("0 kelvins stand for a temperature that is not told: %+v", h)
	}
	for _, n := range []int{0, 511, 513} {
		if _, err := ParseHealth(make([]byte, n)); err == nil {
			t.Errorf("%d bytes are taken", n)
		}
	}
}
