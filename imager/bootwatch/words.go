package bootwatch

// words are a kind's likely cause and what to do, for a technician.
type words struct{ cause, advice string }

const otherServer = `Find that server and take it off the bench network: often a router, or a cable that leads into the office network. If the site's server is meant to give the addresses, set mode = "proxy" in [bench] of the configuration.`

func (k Kind) words() words {
	switch k {
	case Arch32:
		return words{"Its firmware is 32-bit UEFI, for which there is no boot loader here.",
			"In the firmware's setup, switch network boot to legacy (BIOS, CSM), if it has that. Otherwise its drives must be erased in another machine."}
	case ArchARM:
		return words{"It is an ARM machine; the agent runs on x86-64 only.",
			"It cannot be erased here. Erase its drives in another machine if they come out, else have them destroyed."}
	case ArchOther:
		return words{"Its firmware is of a kind that is not served.",
			"In the firmware's setup, switch network boot to 64-bit UEFI or to legacy (BIOS, CSM)."}
	case Rival:
		return words{"It was offered no address, because another DHCP server answers on the bench network.", otherServer}
	case NoAddress:
		return words{"It asks for an address again and again and is offered none.",
			"Settle what the reason says; the controller's log has more. Then power it on again."}
	case PoolFull:
		return words{"It asks for an address, and all are given away.",
			"Widen the pool in [bench] of the configuration, or shorten the lease: addresses come back when their leases end. Then power it on again."}
	case Elsewhere:
		return words{"It took its address from another DHCP server, which tells it nothing to boot.", otherServer}
	case NoAnswer:
		return words{"It asks for an address again and again and takes none: the answers do not reach it.",
			"Put its switch port into the bench VLAN, untagged. Let broadcasts through. Where the switch has DHCP snooping, make the appliance's port a trusted one. In proxy mode, see that the site's DHCP server answers on this network. Then try another cable and another port."}
	case SilentTFTP:
		return words{"It has its address and asks for nothing more: its request for the boot loader does not arrive, or its firmware has no TFTP.",
			"Let UDP through between the bench ports and the appliance, port 69 and those above 1023 (\"regain firewall\" prints the rules). If other machines boot at this port, switch on the network stack (IPv4 PXE) in its firmware's setup, update the firmware, or use another network adapter."}
	case SilentHTTP:
		return words{"It has its address and asks for nothing more: its HTTP request does not arrive.",
			"Let TCP port 80 (or http_port of the configuration) through between the bench ports and the appliance; \"regain firewall\" prints the rules. If other machines boot at this port, choose PXE instead of HTTP Boot, or use another network adapter."}
	case Broken:
		return words{"What it fetches breaks off on the way.",
			"Change the cable, then the switch port. Leave speed and duplex to be negotiated, and set the MTU to 1500 on everything between machine and appliance."}
	case LoaderBIOS:
		return words{"It fetched iPXE and did not start it.",
			"Power it on again. If it stays so: in the firmware's setup, switch network boot to UEFI, update the network card's boot program, or use another network adapter."}
	case IPXERefused:
		return words{"It fetched iPXE and did not start it: most likely Secure Boot is on, which refuses iPXE.",
			"Power it on again: the next attempt gets a signed loader by itself. Nothing need be switched off."}
	case ThirdPartyCA:
		return words{"It fetched the signed loader (shim) and did not start it: Secure Boot is on and does not accept what Microsoft signed for others.",
			"In the firmware's setup, under Secure Boot, allow Microsoft's third-party UEFI CA, then power it on again. Lenovo: \"Allow Microsoft 3rd Party UEFI CA\". HP: \"Enable MS UEFI CA key\". Dell: \"Enable Microsoft UEFI CA\". Others: a switch with \"3rd party\" or \"UEFI CA\" in its name. If there is none, restore the factory keys, or switch Secure Boot off while the machine is here."}
	case NoConfig:
		return words{"It fetched GRUB, which never asked for its configuration: GRUB does not get on with this firmware's network driver.",
			"Power it on again: the next attempt takes the other way (iPXE) by itself, which needs Secure Boot off. If it stays so: update the firmware, or use another network adapter."}
	case NoKernel:
		return words{"It has its boot script and never fetched the kernel whole.",
			"Look at its screen. It needs 512 MiB of memory. Change the cable and the switch port, and power it on again."}
	case NoInitramfs:
		return words{"It fetched the kernel, and never the initramfs whole.",
			"It needs 512 MiB of memory: see in the firmware's setup how much it finds, and reseat the modules. Then change the cable and the switch port, and power it on again."}
	case ImageRefused:
		return words{"It was given a disk image by HTTP Boot, and its agent never spoke: this firmware cannot start disk images.",
			"Choose PXE (network boot over IPv4) instead of HTTP Boot in its boot menu. Another attempt by HTTP Boot gets iPXE by itself, which needs Secure Boot off."}
	case NoAgent:
		return words{"It fetched everything, and its agent never spoke: the kernel stops on this machine, or has no driver for its network card.",
			"Look at its screen. If the agent is there and has no network, use another network adapter (USB adapters work). If nothing is there, check the memory (512 MiB or more), update the firmware, and try kernel_parameters in [bench] of the configuration, such as \"nomodeset\" or \"acpi=off\"."}
	case NoRegistration:
		return words{"Its agent has an address and never registered: the controller does not hear it, or refuses it.",
			"Let TCP port 8443 (or agent_port of the configuration) through between the bench ports and the appliance; \"regain firewall\" prints the rules. The machine's screen and the controller's log say what was refused."}
	case Refused:
		return words{"It was told to boot nothing.",
			"If its work is done, that is as it should be. Else open the machine's page, settle what the reason says, and power it on again."}
	case Held:
		return words{"Three boots in a row did not come to their end; it boots nothing more until you say so.",
			"Then let it try again (\"regain boot again MAC\", or the button), and power it on."}
	case SharedMAC:
		return words{"Two machines boot through one MAC address: a dock or a network adapter that is shared, or two with the same address.",
			"Leave the dock or adapter at one machine until its work is done, and give the other one its own. If both have their own, switch off \"MAC Address Pass Through\" (HP: \"Host Based MAC Address\") in the firmware's setup."}
	}
	return words{}
}
