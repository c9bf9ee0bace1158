package nvme

import (
	"encoding/binary"
	"fmt"

	"regain.example/agent/api"
)

const (
	identifyBytes = 4096

	// Controller or Namespace Structure, CDW10 bits 7:0 (Base figure 274).
	cnsNamespace  = 0x00
	cnsController = 0x01
	cnsActiveList = 0x02
	cnsAllocated  = 0x10
)

// Controller holds the fields of Identify Controller that are needed (Base
// figure 275).
type Controller struct {
	OACS       uint16 // bytes 257:256, optional admin commands
	FNA        uint8  // byte 524, format NVM attributes
	SANICAP    uint32 // bytes 331:328, sanitize capabilities
	TotalBytes uint64 // TNVMCAP, bytes 295:280; the highest value if more than 64 bits
	Unalloc    uint64 // UNVMCAP, bytes 311:296
}

// Namespace holds the fields of Identify Namespace that are needed (NVM figure
// 97).
type Namespace struct {
	Blocks      uint64 // NSZE, in logical blocks
	LBAFormat   uint8  // index of the LBA format in use, from FLBAS
	LBADataSize uint32 // bytes
	Metadata    uint16 // bytes per block
	MetadataExt bool   // metadata at the end of the data, FLBAS bit 4
	Protection  uint8  // DPS
}

// ParseController reads Identify Controller data.
func ParseController(b []byte) (Controller, error) {
	if len(b) != identifyBytes {
		return Controller{}, fmt.Errorf("parse Identify Controller: %d bytes, not %d", len(b), identifyBytes)
	}
	return Controller{
		OACS:       binary.LittleEndian.Uint16(b[256:]),
		FNA:        b[524],
		SANICAP:    binary.LittleEndian.Uint32(b[328:]),
		TotalBytes: saturated(b[280:296]),
		Unalloc:    saturated(b[296:312]),
	}, nil
}

// saturated reads 128 bits, little-endian, into 64.
func saturated(b []byte) uint64 {
	if binary.LittleEndian.Uint64(b[8:]) != 0 {
		return ^uint64(0)
	}
	return binary.LittleEndian.Uint64(b)
}

// ParseNamespace reads Identify Namespace data. The all-zero answer, which a
// controller gives for an inactive namespace, is an error.
func ParseNamespace(b []byte) (Namespace, error) {
	if len(b) != identifyBytes {
		return Namespace{}, fmt.Errorf("parse Identify Namespace: %d bytes, not %d", len(b), identifyBytes)
	}
	formats, flbas := b[25], b[26] // the number of formats is zero-based
	index := flbas & 0xf
	if formats > 15 {
		index |= flbas >> 5 & 3 << 4
	}
	if index > formats {
		return Namespace{}, fmt.Errorf("parse Identify Namespace: LBA format %d in use, %d exist", index, int(formats)+1)
	}
	format := binary.LittleEndian.Uint32(b[128+4*int(index):])
	shift := format >> 16 & 0xff // LBADS, a power of two of at least 512
	if shift < 9 || shift > 24 {
		return Namespace{}, fmt.Errorf("parse Identify Namespace: logical block size 2^%d", shift)
	}
	return Namespace{
		Blocks:      binary.LittleEndian.Uint64(b),
		LBAFormat:   index,
		LBADataSize: 1 << shift,
		Metadata:    uint16(format),
		MetadataExt: flbas&(1<<4) != 0,
		Protection:  b[29],
	}, nil
}

// About asks for what is advertised of a namespace and its controller.
func About(t Transport, nsid uint32) (api.NVMe, error) {
	data := pageAligned(identifyBytes)
	if err := identify(t, cnsController, 0, data); err != nil {
		return api.NVMe{}, err
	}
	controller, err := ParseController(data)
	if err != nil {
		return api.NVMe{}, err
	}
	active, err := namespaces(t, cnsActiveList)
	if err != nil {
		return api.NVMe{}, err
	}
	allocated, err := allocated(t, controller)
	if err != nil {
		return api.NVMe{}, err
	}
	namespace, err := IdentifyNamespace(t, nsid)
	if err != nil {
		return api.NVMe{}, err
	}
	return api.NVMe{
		NSID: nsid, Namespaces: active, Allocated: allocated,
		OACS: controller.OACS, FNA: controller.FNA, SANICAP: controller.SANICAP,
		LBAFormat: namespace.LBAFormat, LBADataSize: namespace.LBADataSize,
		Metadata: namespace.Metadata, MetadataExt: namespace.MetadataExt,
		Protection: namespace.Protection,
		TotalBytes: controller.TotalBytes, UnallocByte: controller.Unalloc,
	}, nil
}

// RawIdentify asks for the data of Identify Controller and Identify Namespace as
// they are, for the evidence.
func RawIdentify(t Transport, nsid uint32) (api.Identify, error) {
	raw := api.Identify{Controller: pageAligned(identifyBytes), Namespace: pageAligned(identifyBytes)}
	if err := identify(t, cnsController, 0, raw.Controller); err != nil {
		return api.Identify{}, err
	}
	if err := identify(t, cnsNamespace, nsid, raw.Namespace); err != nil {
		return api.Identify{}, err
	}
	return raw, nil
}

// IdentifyNamespace asks for one namespace.
func IdentifyNamespace(t Transport, nsid uint32) (Namespace, error) {
	data := pageAligned(identifyBytes)
	if err := identify(t, cnsNamespace, nsid, data); err != nil {
		return Namespace{}, err
	}
	return ParseNamespace(data)
}

func identify(t Transport, cns, nsid uint32, data []byte) error {
	clear(data)
	if err := t.Admin(Command{Opcode: OpcodeIdentify, NSID: nsid, CDW10: cns}, data); err != nil {
		return fmt.Errorf("identify (CNS %02xh): %w", cns, err)
	}
	return nil
}
