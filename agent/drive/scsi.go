package drive

import (
	"encoding/binary"
	"encoding/hex"
	"path/filepath"
	"regexp"
	"strings"

	"regain.example/agent/api"
)

// identifySCSI takes what the SCSI layer read at probe: the standard INQUIRY
// data and the vital product data pages 80h and 83h.
func identifySCSI(d *api.Drive, block string) {
	device := filepath.Join(block, "device")
	d.Model = strings.TrimSpace(attr(device, "vendor") + " " + attr(device, "model"))
	d.Firmware = attr(device, "rev")
	d.Serial = unitSerial(attrBytes(device, "vpd_pg80"))
	d.WWN = worldWideName(attrBytes(device, "vpd_pg83"))
}

// vpdPage returns the body of a vital product data page (SPC-5 section 7.7.1):
// byte 1 is the page's code, bytes 2 and 3 the length of what follows.
func vpdPage(page []byte, code byte) []byte {
	if len(page) < 4 || page[1] != code {
		return nil
	}
	body := page[4:]
	return body[:min(len(body), int(binary.BigEndian.Uint16(page[2:])))]
}

// unitSerial parses page 80h, Unit Serial Number (SPC-5 section 7.7.19).
func unitSerial(page []byte) string {
	return strings.TrimSpace(strings.Map(printable, string(vpdPage(page, 0x80))))
}

// worldWideName parses page 83h, Device Identification (SPC-5 section 7.7.6),
// and returns the NAA designator of the logical unit as "naa." and hex digits;
// empty if there is none.
func worldWideName(page []byte) string {
	const binaryCodes, ofLogicalUnit, typeNAA = 1, 0, 3
	body := vpdPage(page, 0x83)
	for len(body) >= 4 {
		length := int(body[3])
		if length > len(body)-4 {
			return ""
		}
		designator := body[4 : 4+length]
		association, kind := body[1]>>4&3, body[1]&0xf
		if body[0]&0xf == binaryCodes && association == ofLogicalUnit && kind == typeNAA &&
			(length == 8 || length == 16) {
			return "naa." + hex.EncodeToString(designator)
		}
		body = body[4+length:]
	}
	return ""
}

var usbDevice = regexp.MustCompile(`^\d+-[\d.]+$`)

// identifyUSB asks the drive behind the bridge. Only if the bridge lets the
// question through is the serial the drive's own; otherwise it is that of the
// bridge's USB descriptor, or none.
func (h *Host) identifyUSB(d *api.Drive, block string) {
	bridge := *d
	if h.identifyATA(d, block) && d.Serial != "" {
		return
	}
	*d = bridge
	for dir := block; dir != "/" && dir != "."; dir = filepath.Dir(dir) {
		if usbDevice.MatchString(filepath.Base(dir)) {
			if serial := attr(dir, "serial"); serial != "" {
				d.Serial = serial
			}
			break
		}
	}
	d.SerialOfBridge = true
	d.WWN = "" // a bridge makes it up as it does the serial
}
