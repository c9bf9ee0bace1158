package main

const liesTests = "cmd/internal/lies"

// erasing: what the agent does to a drive, and what it says of it.
func erasing() []mutant {
	const (
		drive    = "agent/erase/drive.go"
		firmware = "agent/erase/firmware.go"
		format   = "agent/erase/format.go"
		group    = "agent/erase/group.go"
		sanitize = "agent/erase/sanitize.go"
		poll     = "agent/erase/poll.go"
		markers  = "agent/erase/markers.go"
		memory   = "agent/erase/memory.go"
		look     = "agent/erase/look.go"
		media    = "agent/erase/media.go"
		read     = "agent/erase/readback.go"
		pass     = "agent/erase/pass.go"
		sample   = "agent/erase/sample.go"
		pace     = "agent/erase/pace.go"
		class    = "agent/proof/class.go"
		nvme     = "agent/nvme/sanitize.go"
	)
	return []mutant{
		off("erase: only the drive of the order", drive, "case d.ID() != order.Drive:", "TestOrdersThatAreRefused"),
		off("erase: no excluded device", drive, `case d.Excluded != "":`, "TestOrdersThatAreRefused"),
		off("erase: only with the controller's seed", drive, "case len(order.Seed) != proof.SeedBytes:", "TestOrdersThatAreRefused"),
		off("erase: nothing else than what had begun", drive,
			"case resume != nil && resume.Method != order.Follow && !slices.Contains(order.Methods, resume.Method):", "TestResumeOfWhatIsNotOrdered"),
		off("erase: nothing weaker after a power cut", drive, "if r := t.Order.Resume; r != nil && slices.Contains(t.Order.Methods, r.Method) {",
			"TestNothingWeakerAfterAPowerCut"),
		{name: "erase: nothing after a method that may have run", file: drive, text: `last.NotRun == "" || evidence.Stopped != ""`,
			with: `last.NotRun == "" && last.Error == "" || evidence.Stopped != ""`, test: "TestUnknownEndIsFollowedByNothing"},
		off("erase: Purge Required is asked for", sanitize, "if nvme.CanRequirePurge(p.about) {", "TestPurgeRequired"),
		{name: "erase: Purge Required is given up only after a refusal", file: sanitize, text: "if !errors.As(err, &refusal) {",
			with: "if !errors.As(err, &refusal) && err == nil {", test: "TestPurgeRequiredIsNotGivenUpAfterATimeout"},
		off("erase: rules for models hold", drive, "if q, bad := nvme.Rule(t.Drive.Model, t.Drive.Firmware, name); bad && t.Drive.NVMe != nil {", "TestWhatDoesNotRun"),
		off("erase: a cancelled context stops the work", drive, "case ctx.Err() != nil:", "TestCancelledIsNeverErased").from(liesTests),
		off("erase: a drive that is gone stops the work", drive, "case errors.Is(err, drive.ErrGone):", "TestDisappearedDriveIsNamedSo"),
		off("erase: another drive in its place stops the work", drive, "case errors.Is(err, drive.ErrChanged):", "TestSwappedDriveShows"),
		off("erase: what follows a crypto erasure is run", drive, "if t.follows(evidence) {", "TestFollow"),
		{name: "erase: nothing is sent before it is journaled", file: firmware, text: "return t.journal(ctx, p.watch.entry(f.name, api.StageBegun))",
			with: "return nil", test: "TestNothingIsSentBeforeTheJournal"},
		off("erase: the drive still advertises what it did", firmware, "if now != *d.NVMe {", "TestWhatDoesNotRun"),
		off("erase: what the drive advertises stays", firmware, "if after != before {", "TestUnchanged"),
		off("erase: the size stays", firmware, "if now := namespace.Blocks * uint64(namespace.LBADataSize); now != size {", "TestUnchanged"),
		off("format: only if advertised", format, "case !nvme.CanFormat(*d.NVMe, f.ses):", "TestWhatDoesNotRun"),
		off("sanitize: only if advertised", sanitize, "case !nvme.CanSanitize(*d.NVMe, s.action):", "TestWhatDoesNotRun"),
		{name: "sanitize: an early refusal that the log bears out", file: sanitize, text: "logErr == nil && now == p.log && nvme.RefusedBeforeStart(err)",
			with: "nvme.RefusedBeforeStart(err)", test: "TestRefusalThatRanIsNoRefusal"},
		{name: "sanitize: an error is no refusal", file: sanitize, text: "now == p.log && nvme.RefusedBeforeStart(err)", with: "now == p.log",
			test: "TestUnknownEndIsFollowedByNothing"},
		{name: "sanitize: someone else's operation is not carried on", file: sanitize, text: "if resume != nil && s.started(p.log) {",
			with: "if true {", test: "TestSanitizeOfSomeoneElseIsWaitedFor"},
		{name: "sanitize: failure mode is left", file: sanitize, text: "seen.Sanitize.Recovered = t.leaveFailure(p.admin, seen) == nil", with: "",
			test: "TestFailedSanitize"},
		{name: "sanitize: the end is waited for", file: poll, text: "case log.Succeeded():", with: "case log.Succeeded() || true:", test: "TestSanitizeIsSeen"},
		off("sanitize: no progress is given up", poll, "if w.limit() > 0 && still > w.limit() {", "TestStuckSanitizeIsGivenUp").hanging(),
		off("sanitize: silence is given up", poll, "if quiet := w.t.Elapsed() - w.heard; quiet > limit {", "TestSanitizeThatIsNeverSeen").hanging(),
		{name: "sanitize: unrestricted, so that a failure can be left", file: nvme, text: "uint32(a&7) | sanitizeAUSE", with: "uint32(a&7)", test: "TestSanitizeCommand"},
		{name: "sanitize: never sixteen passes", file: nvme, text: "cdw10 |= sanitizeOnePass", with: "", test: "TestSanitizeCommand"},
		off("namespaces: all of them are in the order", group, "if active := g.members[0].Drive.NVMe.Namespaces; active != len(g.members) {", "TestNoneIsSanitizedIfOneCannotBe"),
		off("namespaces: none if one cannot be prepared", group, "if !came || a.failed != nil {", "TestNoneIsSanitizedIfOneCannotBe"),
		off("namespaces: the same method for all", group,
			"if m.Order.Accepted && m.Order.Erased != name || !m.Order.Accepted && !slices.Contains(m.methods(), name) {", "TestNoneIsSanitizedIfOneCannotBe"),
		off("markers: lie where they were written", markers, "if err == nil && m.Laid < m.Blocks {", "TestLies/WrapAt").from(liesTests),
		{name: "markers: are flushed", file: markers, text: "if err := flush(dev); err != nil {\n		return err\n	}\n	m.Flushed = true",
			with: "m.Flushed = true", test: "TestMarkersAreFlushedBeforeTheCommand", in: liesTests},
		{name: "markers: are looked for in every sector", file: look, text: "if still {", with: "if false && still {", test: "TestCarriedMarkersAreLookedFor"},
		off("former content: uniform sectors prove nothing", memory, "if proof.Uniform(sector) {", "TestBlankDrive"),
		{name: "media: read past the drive's cache", file: media, text: "if !m.through.Load() {", with: "if false && !m.through.Load() {", test: "TestLies/ShowErased", in: liesTests},
		{name: "read-back: every unit is compared", file: read, text: "return r.pattern.Equal(buf, index)", with: "return r.pattern.Equal(buf, index) || true",
			test: "TestOverwriteEvidenceExposesFaults"},
		{name: "read-back: content after a firmware erasure", file: read, text: "return len(missing) > 0 || proof.ClassOf(buf) != proof.Content",
			with: "return len(missing) > 0 || proof.ClassOf(buf) != proof.Content || true", test: "TestContentThatComesBackLate", in: liesTests},
		{name: "read-back: what cannot be read counts", file: read, text: "r.seen.ReadErrors = r.bad.all()", with: "", test: "TestOverwriteEvidenceExposesFaults"},
		{name: "overwrite: what cannot be written counts", file: pass, text: "seen.Overwrite.WriteErrors = bad.all()", with: "", test: "TestOverwriteEvidenceExposesFaults"},
		{name: "overwrite: an offset only after a flush", file: pass, text: "err := flush(dev)\n			if err == nil {", with: "var err error\n			if err == nil {", test: "TestFailedFlushOnTheWay"},
		{name: "overwrite: the last flush counts", file: pass, text: "		err = flush(dev)\n		seen.Overwrite.Flushed = err == nil",
			with: "		seen.Overwrite.Flushed = err == nil", test: "TestOverwriteEvidenceExposesFaults"},
		{name: "samples: content is content", file: sample, text: "	return &s.seen.Other\n", with: "	return &s.seen.Uniform\n", test: "TestLies/EraseTouched", in: liesTests},
		{name: "samples: a block that cannot be read counts", file: sample, text: "s.seen.ReadErrors++", with: "", test: "TestRecheck"},
		off("samples: by the controller's seed", sample, "if len(seed) != proof.SeedBytes {", "TestRecheckThatCannotBe"),
		off("pace: a hot drive rests", pace, "case p.cool == nil && now >= limit:", "TestHotDrivePauses"),
		off("pace: a slow drive is given up", pace, "if floor := p.t.Order.Limits.FloorBytesPerSecond; speed < floor {", "TestSlowDriveIsGivenUp"),
		off("classes: content in a page is content", class, "if !h.noise() {", "TestClassOf"),
	}
}
