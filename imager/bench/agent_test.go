package bench_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"testing/synctest"

	"regain.example/agent/api"
)

// agent is a bench machine that speaks the wire and does no work.
type agent struct {
	rig     *rig
	inv     api.Inventory
	token   string
	nonce   string
	session api.RegisterReply
	seq     uint64
	after   uint64

	enrol  *api.Enrolment // of a machine started from a stick
	answer []byte         // what the controller must show it
}

// drive is the i-th drive of a test machine.
func drive(i int) api.Drive {
	return api.Drive{
		Node: fmt.Sprintf("sd%c", 'a'+i), Location: fmt.Sprintf("pci0000:00/ata%d", i), Bus: api.BusATA,
		Model: "Disk", Serial: fmt.Sprintf("SER%04d", i), SizeBytes: 64 << 20, LogicalSector: 512, PhysicalSector: 4096,
	}
}

func nvmeDrive() api.Drive {
	d := drive(9)
	d.Node, d.Bus, d.Serial = "nvme0n1", api.BusNVMe, "NV1"
	d.NVMe = &api.NVMe{Controller: "nvme0", NSID: 1, Namespaces: 1, OACS: 2, FNA: 4, LBADataSize: 512}
	return d
}

func inventory(drives ...api.Drive) api.Inventory {
	return api.Inventory{
		System:   api.System{UUID: uuid1, Manufacturer: "Dell Inc.", Product: "OptiPlex 7050", Serial: "B5R5M22"},
		Firmware: api.Firmware{Kind: api.FirmwareUEFI},
		NICs:     []api.NIC{{Name: "eth0", MAC: mac1, Bus: "pci", Boot: true}},
		Drives:   drives,
	}
}

// nonces are drawn by each agent process; here they are counted.
var nonces uint64

// boot starts a machine: a token from the boot server, and a new process.
func (r *rig) boot(inv api.Inventory) *agent {
	nonces++
	return &agent{rig: r, inv: inv, token: r.token(inv.NICs[0].MAC, inv.System.UUID), nonce: fmt.Sprintf("%032x", nonces)}
}

// on boots a machine and registers it.
func (r *rig) on(inv api.Inventory) *agent {
	r.t.Helper()
	a := r.boot(inv)
	a.must(a.register())
	return a
}

func (a *agent) must(err error) {
	a.rig.t.Helper()
	if err != nil {
		a.rig.t.Fatal(err)
	}
}

func (a *agent) register() error {
	return a.registerAs(api.RegisterRequest{Version: api.Version, Token: a.token, Nonce: a.nonce, Inventory: a.inv})
}

func (a *agent) registerAs(q api.RegisterRequest) error {
	var reply api.RegisterReply
	if err := a.rig.call("POST", "/agent/v1/register", "", q, &reply); err != nil {
		return err
	}
	a.session, a.seq, a.after = reply, reply.Durable, 0
	return nil
}

func (a *agent) bearer() string { return a.session.Session + ":" + a.session.Key }

func (a *agent) number() int { return a.session.Machine.Number }

// poll asks for an order; it may wait.
func (a *agent) poll() (api.Order, error) {
	var o api.Order
	err := a.rig.call("GET", fmt.Sprintf("/agent/v1/order?after=%d", a.after), a.bearer(), nil, &o)
	if err == nil {
		a.after = o.Revision
	}
	return o, err
}

// order wants an order of this kind at once.
func (a *agent) order(want api.OrderKind) api.Order {
	a.rig.t.Helper()
	o, err := a.poll()
	a.must(err)
	if o.Kind != want {
		a.rig.t.Fatalf("order is %+v (end %+v), want %s", o, o.End, want)
	}
	return o
}

func (a *agent) send(rs ...api.Report) error {
	for i := range rs {
		a.seq++
		rs[i].Seq = a.seq
	}
	return a.resend(rs...)
}

func (a *agent) resend(rs ...api.Report) error {
	var reply api.ReportReply
	if err := a.rig.call("POST", "/agent/v1/report", a.bearer(), api.ReportRequest{Reports: rs}, &reply); err != nil {
		return err
	}
	if reply.Durable < a.seq {
		return fmt.Errorf("only %d of %d are durable", reply.Durable, a.seq)
	}
	return nil
}

func (a *agent) progress(p api.Progress) error {
	return a.rig.call("POST", "/agent/v1/progress", a.bearer(), p, nil)
}

// began reports the countdown and the beginning of the erasure.
func began(job string) []api.Report {
	return []api.Report{
		{Kind: api.ReportPhaseBegan, Job: job, Phase: api.PhaseCountdown},
		{Kind: api.ReportPhaseEnded, Job: job, Phase: api.PhaseCountdown, Millis: 30000},
		{Kind: api.ReportPhaseBegan, Job: job, Phase: api.PhaseErase},
	}
}

// erased does the work on drives of the machine, as far as the controller sees it:
// the journal, the samples at the places that it names then, good evidence.
func (a *agent) erased(job string, drives ...api.Drive) {
	a.rig.t.Helper()
	for _, d := range drives {
		ev := evidence(d)
		last := &ev.Attempts[len(ev.Attempts)-1]
		for _, done := range ev.Attempts {
			a.must(a.send(step(job, d, done.Method, api.StageBegun, 0), step(job, d, done.Method, api.StageCompleted, 0)))
		}
		o := a.drive(a.order(api.OrderErase), d)
		last.Sampling = sampling(o, last.Method)
		ev.Resumed = o.Resume
		a.must(a.send(report(job, ev)))
	}
}

// drive is the part of an order that is about one drive.
func (a *agent) drive(o api.Order, d api.Drive) api.DriveOrder {
	a.rig.t.Helper()
	for _, do := range o.Erase.Drives {
		if do.Drive == d.ID() {
			return do
		}
	}
	a.rig.t.Fatalf("the order does not name %s: %+v", d.ID(), o.Erase)
	return api.DriveOrder{}
}

// step reports one step of the work on a drive.
func step(job string, d api.Drive, m api.Method, s api.Stage, offset uint64) api.Report {
	return api.Report{Kind: api.ReportJournal, Job: job, Drive: d.ID(),
		Journal: &api.JournalEntry{Method: m, Stage: s, Offset: offset}}
}

func report(job string, ev *api.DriveEvidence) api.Report {
	return api.Report{Kind: api.ReportDrive, Job: job, Drive: ev.Drive, Erase: ev}
}

// sampling is what the places of an order's seed hold after a method.
func sampling(o api.DriveOrder, m api.Method) *api.Sampling {
	sum := sha256.Sum256(o.SampleSeed)
	s := &api.Sampling{SeedSHA256: hex.EncodeToString(sum[:]), Plan: o.Verify, Blocks: api.R2Samples, BlockBytes: 4096,
		Bytes: api.R2Samples * 4096, Read: api.R2Samples}
	if m == api.MethodOverwrite {
		s.Pattern = s.Read
	} else {
		s.Uniform = s.Read
	}
	return s
}

// rechecked is good evidence of the fresh sampling of a drive that was kept.
func rechecked(o api.DriveOrder, d api.Drive) *api.DriveEvidence {
	return &api.DriveEvidence{Drive: d.ID(), Before: d, After: &d, Kept: true, Recheck: sampling(o, o.Erased)}
}

// evidence is what a good erasure of the drive looks like. It has no samples, as
// that of an agent of version 1.
func evidence(d api.Drive) *api.DriveEvidence {
	ev := &api.DriveEvidence{Drive: d.ID(), Before: d, After: &d}
	if d.Bus == api.BusNVMe {
		ev.Attempts = append(ev.Attempts, api.Attempt{Method: api.MethodFormatCrypto, EndedMillis: 1000,
			Commands: []api.Command{{Name: "Format NVM", Opcode: 0x80, NSID: d.NVMe.NSID, Arguments: 2 << 9}},
			Markers:  &api.Markers{Blocks: 64, BlockBytes: 256 << 10, Laid: 64, Flushed: true, Read: 64, Samples: 192},
		})
	}
	ev.Attempts = append(ev.Attempts, api.Attempt{Method: api.MethodOverwrite, BeganMillis: 1000, EndedMillis: 2000,
		Overwrite: &api.Overwrite{Pattern: "test-1", BytesWritten: d.SizeBytes, Flushed: true},
		ReadBack:  &api.ReadBack{BytesRead: d.SizeBytes},
	})
	return ev
}

// installed is what a good installation of the test image looks like.
func installed(o *api.InstallOrder) *api.InstallEvidence {
	return &api.InstallEvidence{
		Drive: o.Drive, Image: o.Image, ManifestSHA256: o.ManifestSHA256, FramesTotal: 3, FramesWritten: 3,
		Flushed: true, FramesVerified: 3, Personalised: []api.Personalised{{Why: "NoCloud seed"}},
	}
}

// bubble runs a test with a clock that costs no time.
func bubble(t *testing.T, f func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newRig(t)) })
}
