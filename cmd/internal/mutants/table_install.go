package main

// installing: what is written to the system drive, and whether it is there.
func installing() []mutant {
	const (
		source = "agent/install/source.go"
		fits   = "agent/install/fits.go"
		frames = "agent/install/frames.go"
		check  = "agent/install/check.go"
		person = "agent/install/personalise.go"
		medium = "agent/install/medium.go"
		row    = "agent/install/row.go"
		write  = "agent/install/write.go"
		gpt    = "agent/install/gpt/gpt.go"
	)
	return []mutant{
		{name: "install: the manifest is the approved one", file: source,
			text: "if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != s.order.ManifestSHA256 {",
			with: "if sum := sha256.Sum256(b); false && hex.EncodeToString(sum[:]) != s.order.ManifestSHA256 {", test: "TestRefused"},
		{name: "install: the manifest is signed", file: source,
			text: "if m, err = manifest.Open(text, sig, s.order.PublicKey); err != nil {",
			with: "if m, err = manifest.Parse(text); err != nil {", test: "TestRefused"},
		off("install: the manifest is of the image ordered", source, "if m.Name != s.order.Image {", "TestRefused"),
		off("install: on the drive of the order", fits, "if id := d.ID(); id != job.Order.Drive {", "TestRefused"),
		off("install: for this sector size", fits, "if m.LogicalSector != d.LogicalSector {", "TestRefused"),
		off("install: the drive is large enough", fits, "if need := max(m.MinDriveBytes, m.RawBytes); d.SizeBytes < need {", "TestRefused"),
		off("install: for this firmware", fits, "if err := boots(m, job.Firmware); err != nil {", "TestRefused"),
		off("install: the open drive is the one found before", fits,
			"if uint64(dev.Size()) != d.SizeBytes || uint32(dev.LogicalSector()) != d.LogicalSector {", "TestRefused"),
		off("install: a frame has its hash before it is written", row,
			"if hex.EncodeToString(sum[:]) != want[i].SHA256 {", "TestServerFault"),
		{name: "install: every frame is read back and compared", file: check,
			text: "right[i] = hex.EncodeToString(sum[:]) == c.m.Frames[s.first+i].SHA256",
			with: "right[i] = len(hex.EncodeToString(sum[:])) == len(c.m.Frames[s.first+i].SHA256)", test: "TestDriveFault"},
		{name: "install: skipped frames are read back as zeros", file: check,
			text: "right[i] = proof.Zero(raw)", with: "right[i] = proof.Zero(raw) || true", test: "TestSkippedFrameIsChecked"},
		off("install: a difference is an error", check, "if err == nil && len(wrong) > 0 {", "TestDriveFault"),
		{name: "install: a flush that fails is an error", file: write,
			text: `return &DriveError{Op: "flush", Err: err}`, with: "return nil", test: "TestDriveFault"},
		off("install: what was personalised is read back", medium, "if !bytes.Equal(got, want) {", "TestPersonalisationIsChecked"),
	}
}

// images: what a master image is.
func images() []mutant {
	const (
		sign   = "images/manifest/sign.go"
		parse  = "images/manifest/parse.go"
		valid  = "images/manifest/validate.go"
		frame  = "images/manifest/frames.go"
		decode = "images/frames/decode.go"
	)
	return []mutant{
		off("manifest: signed by the key", sign, "if !minisign.Verify(key, json, signature) {", "TestOpen"),
		{name: "manifest: no unknown field", file: parse, text: "	d.DisallowUnknownFields()\n", with: "", test: "TestParseRefuses"},
		{name: "manifest: a name is a file name", file: valid, text: "		default:\n			return false\n", with: "		default:\n", test: "TestValidateRefuses"},
		off("manifest: a frame marked zero has the hash of zeros", frame, "if f.SHA256 != *hash {", "TestValidateRefuses"),
		off("manifest: frames lie one behind the other", frame, "if f.Offset != offset {", "TestValidateRefuses"),
		{name: "frames: content is held against its hash", file: decode,
			text: "if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != f.SHA256 {",
			with: "if sum := sha256.Sum256(raw); false && hex.EncodeToString(sum[:]) != f.SHA256 {", test: "TestDecode"},
	}
}
