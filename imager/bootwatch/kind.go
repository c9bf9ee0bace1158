package bootwatch

import (
	"fmt"

	"regain.example/imager"
)

// Kind is a kind of trouble; the values are labels of metrics.
type Kind string

// The kinds, in the order of one boot.
const (
	Arch32         Kind = "arch-32bit"
	ArchARM        Kind = "arch-arm"
	ArchOther      Kind = "arch-other"
	Rival          Kind = "rival"
	PoolFull       Kind = "pool-full"
	NoAddress      Kind = "no-address"
	Elsewhere      Kind = "elsewhere"
	NoAnswer       Kind = "no-answer"
	SilentTFTP     Kind = "silent-tftp"
	SilentHTTP     Kind = "silent-http"
	Broken         Kind = "broken"
	LoaderBIOS     Kind = "loader-bios"
	IPXERefused    Kind = "ipxe-refused"
	ThirdPartyCA   Kind = "third-party-ca"
	NoConfig       Kind = "no-config"
	NoKernel       Kind = "no-kernel"
	NoInitramfs    Kind = "no-initramfs"
	ImageRefused   Kind = "image-refused"
	NoAgent        Kind = "no-agent"
	NoRegistration Kind = "no-registration"
	Refused        Kind = "refused"
	Held           Kind = "held"
	SharedMAC      Kind = "shared-mac"
)

// Kinds lists every kind, in the order of one boot.
func Kinds() []Kind {
	return []Kind{
		Arch32, ArchARM, ArchOther, Rival, PoolFull, NoAddress, Elsewhere, NoAnswer, SilentTFTP, SilentHTTP, Broken,
		LoaderBIOS, IPXERefused, ThirdPartyCA, NoConfig, NoKernel, NoInitramfs, ImageRefused, NoAgent,
		NoRegistration, Refused, Held, SharedMAC,
	}
}

// trouble puts a kind into words. The detail is what a server said of it.
func (k Kind) trouble(detail, arch string) imager.BootTrouble {
	w := k.words()
	t := imager.BootTrouble{Kind: string(k), Cause: w.cause, Advice: w.advice}
	if k == ArchOther && arch != "" {
		detail = arch
	}
	if detail != "" {
		t.Cause = fmt.Sprintf("%s (%s)", w.cause[:len(w.cause)-1], detail) + "."
	}
	return t
}

// RivalAdvice says what to do about another DHCP server on the bench network.
func RivalAdvice() string { return otherServer }
