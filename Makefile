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

BUILT    := $(shell git log -1 --format=%cI 2>/dev/null)
GO_BUILD := CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION) -X main.built=$(BUILT)"
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.7.0

# What the builds, the demo and the tests need from Debian 12, and why.
PACKAGES := \
	git ca-certificates \
	gcc libc6-dev \
	qemu-system-x86 qemu-utils ipxe-qemu \
	ovmf ipxe \
	mmdebstrap zstd xz-utils \
	gdisk dosfstools mtools e2fsprogs libdevmapper1.02.1 \
	kmod iproute2 nftables \
	minisign curl fio nwipe dnsmasq-base kea-admin \
	chromium fonts-dejavu-core

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

# Firmware of network cards and controllers, from Debian's packages. An empty list
# stands for "could not be fetched", which the script says loudly; it is tried
# again at the next run.
FIRMWARE_LIST := build/firmware/list

$(FIRMWARE_LIST): FORCE | setup
	@cmd/internal/mkinitramfs/fetch-firmware.sh build/firmware

# --- what Regain is made of ---------------------------------------------------

# Programs are handed to "go build" every time, which knows best what changed; a
# result that is the same leaves the old file alone, so that nothing after it is
# made again.
.PHONY: FORCE
FORCE:

build/regain build/regain-agent: build/%: FORCE | setup
	@mkdir -p build
	@$(GO_BUILD) -o $@.new ./cmd/$*
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; echo "built $@"; fi

.PHONY: build
build: build/regain build/regain-agent ## build the controller and the agent, static

LOADERS := build/boot/.loaders

$(LOADERS): boot/files.go | setup
	@mkdir -p build/boot build/loaders
	@go run ./cmd/internal/loaders -work build/loaders -out build/boot
	@touch $@

build/boot/initramfs: build/regain-agent agent/modules.txt $(wildcard cmd/internal/mkinitramfs/*.go) $(KERNEL) $(FIRMWARE_LIST)
	@echo "making the bench's initramfs (about a minute)"
	@go run ./cmd/internal/mkinitramfs -agent build/regain-agent -kernel build/kernel -firmware build/firmware \
		-modules agent/modules.txt -out build/boot

# One image for USB sticks and for UEFI's HTTP Boot, of the same files.
build/boot/esp.img: build/boot/initramfs $(KERNEL) $(LOADERS) $(wildcard boot/esp/*.go cmd/internal/mkesp/*.go)
	@go run ./cmd/internal/mkesp -work build/loaders -boot build/boot

.PHONY: agent-image
agent-image: build/boot/initramfs $(LOADERS) build/boot/esp.img ## make what machines boot: build/boot

# --- the hardened master image --------------------------------------------------

MASTER := build/master/images/debian12.json
RECIPE := $(shell find images/recipe/debian12 -type f)

$(MASTER): $(RECIPE) | build/regain
	@if (( EUID != 0 )); then echo "The master image is built as root: run \"sudo make image\"."; exit 1; fi
	@mkdir -p build/master && chmod 0700 build/master
	@rm -f build/master/images/debian12.*
	@echo "building the master image (some minutes, once)"
	@images/recipe/debian12/build.sh build/debian12.raw
	@echo "packing and signing it"
	@build/regain image add --state-dir build/master --name debian12 --title "Debian 12, hardened" \
		--grow 4 --identity nocloud --confirm first-boot build/debian12.raw
	@rm build/debian12.raw

.PHONY: image
image: $(MASTER) ## build, pack and sign the hardened Debian 12 master image: build/master

# --- the main job, before your eyes ---------------------------------------------

.PHONY: demo
demo: root build agent-image image ## the main job on a virtual bench; FIRMWARE=uefi, bios or secureboot, JSON=1
	@go run ./cmd/internal/demo -firmware $(FIRMWARE) $(if $(JSON),-json)

.PHONY: root
root:
	@if (( EUID != 0 )); then echo "This needs root, for network namespaces: run it with sudo."; exit 1; fi

# --- checks ---------------------------------------------------------------------

.PHONY: check
check: $(KERNEL) ## the fast loop: format, vet, lint, unit tests with the race detector
	@bad=$$(gofmt -l agent boot cmd imager images); [[ -z "$$bad" ]] || { echo "gofmt would change: $$bad"; exit 1; }
	go vet ./...
	go vet -tags 'vm long browser bench' ./...
	go run $(STATICCHECK) -tags 'vm long browser bench' ./...
	go mod tidy -diff
	CGO_ENABLED=1 go test -race $$(go list ./... | grep -v -e /cmd/internal/lies$$ -e /cmd/internal/hostile$$)
	go test -count=1 -run TestGuardIsNeeded ./boot/tftp
	go test ./cmd/internal/lies # every power cut; many times slower with the race detector

# The virtual benches share two cores. One machine seldom keeps both busy: firmware
# has one, and much is waiting.
VM_TEST := go test -count=1 -p 1 -parallel 2 -v -timeout 90m
VM_TAGS := vm

.PHONY: test
test: root setup build agent-image image check ## all that must pass before a change lands; under 30 minutes
	go test -tags browser -count=1 ./imager/web
	go test -count=1 ./cmd/internal/hostile
	$(VM_TEST) -tags '$(VM_TAGS)' ./cmd/internal/vbench/jobs

.PHONY: test-all
test-all: VM_TAGS := vm long
test-all: test ## everything: that with the long jobs, the Vagrantfile, ten seconds of each fuzz target, the mutants
	$(MAKE) vagrant
	$(MAKE) fuzz FUZZTIME=10s
	$(MAKE) mutants

.PHONY: vagrant
vagrant: PACKAGES := vagrant vagrant-libvirt
vagrant: setup ## check the Vagrantfile
	VAGRANT_DEFAULT_PROVIDER=libvirt vagrant validate

FUZZTIME ?= 60s

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME
	@for f in $$(grep -rl '^func Fuzz' --include='*_test.go' .); do \
		for t in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' $$f); do \
			echo "$$t in $$(dirname $$f)"; go test -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZTIME) ./$$(dirname $$f); \
		done; done

.PHONY: mutants
mutants: setup ## take each safety check out in turn: the named test must fail; RUN=name for some
	@go run ./cmd/internal/mutants $(if $(RUN),-run '$(RUN)')

.PHONY: bench
bench: root setup build agent-image ## print the benchmarks: ratios against limits and peers
	go test -tags bench -run '^$$' -bench . -benchtime 1x -timeout 60m ./cmd/internal/benchmarks/...

.PHONY: vulncheck
vulncheck: ## look for known vulnerabilities, where the database can be reached
	go run golang.org/x/vuln/cmd/govulncheck@v1.3.0 ./...

.PHONY: sweep
sweep: ## remove what killed benches left behind
	@go run ./cmd/internal/demo -sweep

.PHONY: clean
clean: ## remove build/
	rm -rf build
