package drive

import (
	"errors"
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
	dxferNone       = -1     // SG_DXFER_NONE
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
	data := Buffer(ataIdentifyBytes)
	_, err := a.passThrough(node, [16]byte{0: 0x85, 1: 4 << 1, 2: 1<<3 | 1<<2 | 2, 6: 1, 14: ataIdentify}, data)
	if err != nil {
		return nil, fmt.Errorf("identify %s: %w", node, err)
	}
	return data, nil
}

// ATANativeMax sends a command that returns the native maximum address:
// protocol 3 (non-data), extended, CK_COND so that the registers come back, LBA
// mode.
func (a devices) ATANativeMax(node string, command uint8) (uint64, error) {
	sense, err := a.passThrough(node, [16]byte{0: 0x85, 1: 3<<1 | 1, 2: 1 << 5, 13: 1 << 6, 14: command}, nil)
	if err != nil {
		return 0, fmt.Errorf("native size of %s: %w", node, err)
	}
	lba, err := returnedLBA(sense)
	if err != nil {
		return 0, fmt.Errorf("native size of %s: %w", node, err)
	}
	return lba, nil
}

// passThrough sends a command that reads data, or has none, and returns the
// sense data.
func (a devices) passThrough(node string, cdb [16]byte, data []byte) ([]byte, error) {
	f, err := os.OpenFile(filepath.Join(a.dev, node), os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sense := new([32]byte)
	h := &sgIO{
		interfaceID: 'S', dxferDirection: dxferNone,
		cmdLen: uint8(len(cdb)), cmdp: unsafe.Pointer(&cdb),
		mxSbLen: uint8(len(sense)), sbp: unsafe.Pointer(sense),
		timeout: identifyTimeout,
	}
	if len(data) > 0 {
		h.dxferDirection = dxferFromDevice
		h.dxferLen, h.dxferp = uint32(len(data)), unsafe.Pointer(unsafe.SliceData(data))
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), ioctlSG, uintptr(unsafe.Pointer(h)))
	runtime.KeepAlive(h)
	switch {
	case errno != 0:
		return nil, errno
	case h.hostStatus != 0 || h.status != statusGood && h.status != statusCheckCondition || h.resid != 0:
		return nil, fmt.Errorf("SCSI status %#x, host status %#x, %d bytes missing", h.status, h.hostStatus, h.resid)
	case refused(h.status, sense[:h.sbLenWr]):
		return nil, errors.New("the device or its bridge refuses ATA PASS-THROUGH")
	}
	return sense[:h.sbLenWr], nil
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
