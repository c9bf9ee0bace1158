package nvme

import (
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"
)

// passthru is struct nvme_passthru_cmd (linux/nvme_ioctl.h).
type passthru struct {
	opcode      uint8
	flags       uint8
	_           uint16
	nsid        uint32
	cdw2, cdw3  uint32
	metadata    uint64
	addr        uint64
	metadataLen uint32
	dataLen     uint32
	cdw10       uint32
	cdw11       uint32
	cdw12       uint32
	cdw13       uint32
	cdw14       uint32
	cdw15       uint32
	timeoutMs   uint32
	result      uint32
}

// ioctlAdmin is NVME_IOCTL_ADMIN_CMD, _IOWR('N', 0x41, struct nvme_passthru_cmd).
const ioctlAdmin = 3<<30 | uintptr(unsafe.Sizeof(passthru{}))<<16 | 'N'<<8 | 0x41

// ioctlIO is NVME_IOCTL_IO_CMD, _IOWR('N', 0x43, struct nvme_passthru_cmd).
const ioctlIO = ioctlAdmin + 2

type controllerFile struct{ f *os.File }

// Open opens the admin queue of a controller by its character device, such as
// "nvme0" in the directory dev.
func Open(dev, controller string) (Transport, error) {
	f, err := os.OpenFile(filepath.Join(dev, controller), os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open the admin queue: %w", err)
	}
	return &controllerFile{f}, nil
}

func (t *controllerFile) Close() error { return t.f.Close() }

// Admin sends one command and waits for its end.
func (t *controllerFile) Admin(c Command, data []byte) error {
	return submit(t.f, ioctlAdmin, data, &passthru{
		opcode: uint8(c.Opcode), nsid: c.NSID, cdw10: c.CDW10, cdw11: c.CDW11,
		timeoutMs: uint32(min(c.Timeout.Milliseconds(), 1<<31)),
	})
}

// submit sends one command and waits for its end. The kernel returns the status
// field of the completion as a positive number, without the phase bit.
func submit(f *os.File, request uintptr, data []byte, p *passthru) error {
	p.dataLen = uint32(len(data))
	if len(data) > 0 {
		// data lives on the heap, which does not move; KeepAlive is below.
		p.addr = uint64(uintptr(unsafe.Pointer(unsafe.SliceData(data))))
	}
	status, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(p)))
	keepAlive(data, f)
	if errno != 0 {
		return fmt.Errorf("command %02xh: %w", p.opcode, errno)
	}
	return statusError(Opcode(p.opcode), uint16(status))
}

const pathRelated = 3

// statusError makes an error of a completion's status field. A path-related
// status comes from the kernel, which ended the command itself after a timeout
// or a reset: no answer of the controller.
func statusError(op Opcode, field uint16) error {
	s := Status(field & 0x7ff)
	switch {
	case s == StatusSuccess:
		return nil
	case s.Type() == pathRelated:
		return fmt.Errorf("command %02xh: ended by the kernel without an answer (%03xh)", uint8(op), uint16(s))
	}
	return &StatusError{Opcode: op, Status: s}
}
