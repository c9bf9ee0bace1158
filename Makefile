# Regain: build, try and test. "make help" lists the targets.
#
# Everything made lies under build/; nothing else of the host is changed except
# that missing Debian packages are installed (target setup).

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS   += --no-builtin-rules
.SUFFIXES:

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
FIRMWARE ?= uefi

export CGO_ENABLED ?= 0
GO_BUILD := go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"

# What the builds, the demo and the tests need from Debian 12, and why.
PACKAGES := \
	git ca-certificates \
	gcc libc6-dev \
	qemu-system-x86 qemu-utils ipxe-qemu \
	ovmf ipxe \
	mmdebstrap zstd xz-utils \
	gdisk dosfstools mtools e2fsprogs \
	kmod iproute2 nftables \
	minisign curl fio dnsmasq-base

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-zA-Z_/-]+:.*## ' $(MAKEFILE_LIST) | sort -u \
	| sed -E 's/^([^:]+):.*## (.*)$$/\1\t\2/' | while IFS=$$'\t' read -r t d; do printf '  %-14s %s\n' "$$t" "$$d"; done

# --- the host -----------------------------------------------------------------

.PHONY: setup
setup: ## install what is missing of Debian's packages, and the Go modules
	@missing=(); \
	for p in $(PACKAGES); do \
		[[ "$$(dpkg-query -W -f '$${db:Status-Status}' $$p 2>/dev/null || true)" == installed ]] || missing+=($$p); \
	done; \
	if (( $${#missing[@]} )); then \
		if (( EUID != 0 )); then \
			echo "These packages are missing: $${missing[*]}"; \
			echo "Run \"sudo make setup\", or install them with apt-get."; exit 1; \
		fi; \
		echo "installing $${missing[*]}"; \
		apt-get -o DPkg::Lock::Timeout=300 -qq update; \
		DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends install "$${missing[@]}"; \
	fi
	@command -v go >/dev/null || { echo "Go is missing: install the version named in go.mod from https://go.dev/dl/"; exit 1; }
	@go mod download

# --- Debian's kernel and signed loaders, unpacked and never installed ------------

# The package that linux-image-amd64 stands for today, signed for Secure Boot.
KERNEL := build/kernel/vmlinuz

.PHONY: build/kernel
build/kernel: $(KERNEL) ## fetch and unpack Debian's kernel: build/kernel/vmlinuz, build/kernel/lib/modules

$(KERNEL): | setup
	@rm -rf build/kernel.new && mkdir -p build/kernel.new
	@package=$$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1); \
	[[ -n "$$package" ]] || { echo "apt knows no linux-image-amd64: run \"apt-get update\" and try again"; exit 1; }; \
	echo "fetching $$package"; \
	(cd build/kernel.new && apt-get -qq -o APT::Sandbox::User=root download "$$package"); \
	dpkg-deb -x build/kernel.new/linux-image-*.deb build/kernel.new/all; \
	release=$$(ls build/kernel.new/all/lib/modules); \
	mkdir build/kernel.new/lib; \
	mv build/kernel.new/all/lib/modules build/kernel.new/lib/modules; \
	mv build/kernel.new/all/boot/vmlinuz-* build/kernel.new/vmlinuz; \
	mv build/kernel.new/all/boot/config-* build/kernel.new/config; \
	echo "$$release" > build/kernel.new/release; \
	/sbin/depmod -b build/kernel.new "$$release"
	@rm -rf build/kernel.new/all build/kernel.new/*.deb build/kernel
	@mv build/kernel.new build/kernel
	@touch $@

.PHONY: clean
clean: ## remove build/
	rm -rf build
