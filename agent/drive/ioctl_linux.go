package drive

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"regain.example/agent/nvme"
)

// devices asks through the device nodes of a directory.
type devices struct{ dev string }

func (a devices) NVMe(controller string) (nvme.Transport, error) {
	return nvme.Open(a.dev, controller)
}

// sgIO is struct sg_io_hdr (scsi/sg.h).
type sgIO struct {
	interfaceID    int32
	dxferDirection int32
	cmdLen         uint8
	mxSbLen        uint8
	iovecCount     uint16
	dxferLen       uint32
	dxferp         unsafe.Pointer
	cmdp           unsafe.Pointer
	sbp            unsafe.Pointer
	timeout        uint32 // milliseconds
	flags          uint32
	packID         int32
	_              int32
	usrPtr         uintptr
	status         uint8
	maskedStatus   uint8
	msgStatus      uint8
	sbLenWr        uint8
	hostStatus     uint16
	driverStatus   uint16
	resid          int32
	duration       uint32
	info           uint32
	_              int32
}

const (
	ioctlSG         = 0x2285 // SG_IO
	dxferFromDevice = -3     // SG_DXFER_FROM_DEV
	identifyTimeout = 10_000 // milliseconds; a disk that must spin up needs some

	// checkCondition with sense "ATA PASS-THROUGH INFORMATION AVAILABLE" is
	// how some bridges end even a command that went well.
	statusGood, statusCheckCondition = 0, 2
)

// ATAIdentify sends IDENTIFY DEVICE (ECh) by ATA PASS-THROUGH(16) (SAT-4 section
// 12.2.2.3): protocol 4 (PIO data-in), transfer length in the count field, in
// blocks, from the device.
func (a devices) ATAIdentify(node string) ([]byte, error) {
	f, err := os.OpenFile(filepath.Join(a.dev, node), os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("identify %s: %w", node, err)
	}
	defer f.Close()
	cdb := &[16]byte{0: 0x85, 1: 4 << 1, 2: 1<<3 | 1<<2 | 2, 6: 1, 14: 0xec}
	data := Buffer(ataIdentifyBytes)
	sense := new([32]byte)
	h := &sgIO{
		interfaceID: 'S', dxferDirection: dxferFromDevice,
		cmdLen: uint8(len(cdb)), cmdp: unsafe.Pointer(cdb),
		mxSbLen: uint8(len(sense)), sbp: unsafe.Pointer(sense),
		dxferLen: uint32(len(data)), dxferp: unsafe.Pointer(unsafe.SliceData(data)),
		timeout: identifyTimeout,
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), ioctlSG, uintptr(unsafe.Pointer(h)))
	runtime.KeepAlive(h)
	switch {
	case errno != 0:
		return nil, fmt.Errorf("identify %s: %w", node, errno)
	case h.hostStatus != 0 || h.status != statusGood && h.status != statusCheckCondition || h.resid != 0:
		return nil, fmt.Errorf("identify %s: SCSI status %#x, host status %#x, %d bytes missing",
			node, h.status, h.hostStatus, h.resid)
	case refused(h.status, sense[:h.sbLenWr]):
		return nil, fmt.Errorf("identify %s: the device or its bridge refuses ATA PASS-THROUGH", node)
	}
	return data, nil
}

// refused reports whether sense data tell of anything but "no sense" and
// "recovered error" (SPC-5 section 4.4: response code 7xh, the sense key is in
// byte 1 of the descriptor format and in byte 2 of the fixed format).
func refused(status uint8, sense []byte) bool {
	if status == statusGood {
		return false
	}
	if len(sense) < 3 {
		return true
	}
	key := sense[2] & 0xf
	if code := sense[0] & 0x7f; code == 0x72 || code == 0x73 {
		key = sense[1] & 0xf
	}
	return key > 1
}
