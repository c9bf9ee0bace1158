package nvme

import (
	"encoding/binary"
	"fmt"

	"regain.example/agent/api"
)

// healthSource names the log in the evidence.
const healthSource = "NVMe log page 02h"

// ParseHealth reads the 512 bytes of the SMART / Health Information log (Base
// section 5.16.1.3). Counters of 16 bytes become the highest value of 64 bits if
// they are more.
func ParseHealth(b []byte) (api.Health, error) {
	if len(b) != logBytes {
		return api.Health{}, fmt.Errorf("parse the SMART / Health Information log: %d bytes, not %d", len(b), logBytes)
	}
	counter := func(at int) *uint64 { return new(saturated(b[at : at+16])) }
	return api.Health{
		Source:          healthSource,
		CriticalWarning: new(b[0]),
		Celsius:         celsius(binary.LittleEndian.Uint16(b[1:])),
		SparePercent:    new(b[3]),
		SpareThreshold:  new(b[4]),
		UsedPercent:     new(b[5]),
		PowerOnHours:    counter(128),
		UnsafeShutdowns: counter(144),
		MediaErrors:     counter(160),
	}, nil
}

// celsius converts the composite temperature, which is in kelvins and 0 if the
// controller does not tell it.
func celsius(kelvins uint16) *int {
	if kelvins == 0 {
		return nil
	}
	return new(int(kelvins) - 273)
}

// ReadHealth asks the controller for its SMART / Health Information log.
func ReadHealth(t Transport) (api.Health, error) {
	data := pageAligned(logBytes)
	if err := readLog(t, logHealth, data); err != nil {
		return api.Health{}, err
	}
	return ParseHealth(data)
}
