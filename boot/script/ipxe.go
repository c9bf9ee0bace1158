// Package script writes what boot loaders read: iPXE scripts, and the
// configuration of GRUB. Every machine's script is made from a decision.
package script

import (
	"fmt"
	"net/netip"
	"strings"

	"regain.example/boot"
	"regain.example/boot/esp"
)

// Server is the boot server as loaders reach it.
type Server struct {
	// HTTP is the address and port of the boot scripts, kernel and initramfs.
	HTTP netip.AddrPort
}

func (s Server) http(path string) string {
	if s.HTTP.Port() == 80 {
		return fmt.Sprintf("http://%s/%s", s.HTTP.Addr(), path)
	}
	return fmt.Sprintf("http://%s/%s", s.HTTP, path)
}

// Entry returns iPXE's first script, the same for every machine: it comes back
// with what the firmware says of itself. netX is the interface that iPXE booted
// from. SMBIOS strings come in hexadecimal: Debian 12's iPXE leaves & and = as
// they are in :uristring, and a hostile string would write its own parameters.
func (s Server) Entry() string {
	return script(
		":again",
		"chain --autofree --replace "+s.EntryURL()+"?mac=${netX/mac}&platform=${platform}&uuid=${uuid}"+
			"&serial=${serial:hexraw}&manufacturer=${manufacturer:hexraw}&product=${product:hexraw} ||",
		"echo Regain: the boot server does not answer, asking again in 10 seconds",
		"sleep 10 || exit 1",
		"goto again",
	)
}

// EntryURL is where iPXE finds Entry.
func (s Server) EntryURL() string { return s.http("boot.ipxe") }

// LoaderURL is where UEFI's HTTP Boot finds iPXE.
func (s Server) LoaderURL() string { return s.http("boot/" + boot.FileUEFI) }

// ImageURL is where UEFI's HTTP Boot finds the disk image that is made for the
// machine that asks.
func (s Server) ImageURL() string { return s.http("boot/" + esp.File) }

// IPXE returns the script that carries out d on a machine of architecture arch;
// cmdline is the kernel's command line for ActionAgent. It fails if the command
// line could not be written without changing it.
func (s Server) IPXE(d boot.Decision, arch boot.Arch, cmdline string) (string, error) {
	switch d.Action {
	case boot.ActionAgent:
		return s.agent(d, cmdline)
	case boot.ActionLocalDisk:
		return s.local(d, arch), nil
	}
	return script(echo(d.Reason), s.again()), nil
}

// agent fetches kernel and initramfs. A Linux started through UEFI finds its
// initramfs by the name in initrd=; under BIOS iPXE hands it over and the word
// does no harm. When a fetch fails, a cable was pulled or the server restarted:
// the machine asks again, since nobody may be standing in front of it.
func (s Server) agent(d boot.Decision, cmdline string) (string, error) {
	line, err := words(cmdline)
	if err != nil {
		return "", err
	}
	return script(
		echo(d.Reason),
		"imgfree",
		fmt.Sprintf("kernel %s initrd=%s %s || goto again", s.http("boot/"+boot.FileKernel), boot.FileInitramfs, line),
		fmt.Sprintf("initrd --name %s %s || goto again", boot.FileInitramfs, s.http("boot/"+boot.FileInitramfs)),
		"boot || goto again",
		s.again(),
	), nil
}

// local starts the machine's own disk. BIOS: iPXE boots drive 0x80 as the
// firmware would. UEFI: iPXE has no means to, and leaving it either lands in
// the firmware's menu or sends the firmware through all its other network
// attempts first; GRUB starts the disk at once. Shim is left out: it would ask
// for its second stage beside this script, and where iPXE runs Secure Boot is
// off.
func (s Server) local(d boot.Decision, arch boot.Arch) string {
	if arch.UEFI() {
		return script(
			echo(d.Reason),
			// GRUB asks the server that gave the address, which in
			// proxy mode is another one.
			fmt.Sprintf("set netX/next-server %s", s.HTTP.Addr()),
			fmt.Sprintf("chain --autofree tftp://%s/%s || exit 1", s.HTTP.Addr(), boot.FileGRUB),
		)
	}
	return script(
		echo(d.Reason),
		"sanboot --no-describe --drive 0x80 || exit 1",
	)
}

// again asks for the decision anew, for ever: a refused machine's case may be
// settled meanwhile. Ctrl-C leads out, to the firmware's next boot device.
func (s Server) again() string {
	return strings.Join([]string{
		":again",
		"echo Regain: asking again in 15 seconds",
		"sleep 15 || exit 1",
		"chain --autofree --replace " + s.EntryURL() + " || goto again",
	}, "\n")
}

func script(lines ...string) string {
	return "#!ipxe\n" + strings.Join(lines, "\n") + "\n"
}

func echo(reason string) string {
	if reason == "" {
		return "echo Regain"
	}
	return "echo Regain: " + text(reason)
}
