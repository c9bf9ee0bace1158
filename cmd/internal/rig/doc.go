// Package rig puts a drive of our own behind a real /dev/sdX of a virtual bench:
// a vhost-user-scsi backend (QEMU, docs/interop/vhost-user; Virtual I/O Device
// specification 1.2, section 5.6), served from this process, with the bytes in a
// file of the host that survives power cuts. The guest runs its own virtio_scsi
// and sd drivers and notices nothing. The drive can lie: see Behaviour.
//
// QEMU needs shared memory and the device:
//
//	-object memory-backend-memfd,id=mem,size=512M,share=on -numa node,memdev=mem
//	-chardev socket,id=rig0,path=SOCKET -device vhost-user-scsi-pci,chardev=rig0
package rig
