package main

// chains: what boot loaders are given, and by which way a machine goes.
func chains() []mutant {
	const (
		policy   = "boot/chain/policy.go"
		saw      = "boot/chain/saw.go"
		image    = "boot/httpboot/image.go"
		file     = "boot/httpboot/file.go"
		client   = "boot/httpboot/client.go"
		recorder = "boot/httpboot/recorder.go"
		quote    = "boot/script/quote.go"
		tftp     = "boot/tftp/files.go"
	)
	return []mutant{
		{name: "chain: a loader that does not start gives way", file: policy, text: "if last.Reach == ended || last.Failed+1 < tries {",
			with: "if last.Reach == ended || last.Failed+1 < tries+1000 {", test: "TestTurn"},
		{name: "chain: the one that led to the end is kept", file: policy, text: "if last.Reach == ended || ", with: "if ", test: "TestNext"},
		{name: "chain: an image that was not fetched led nowhere", file: saw, text: "a.Chain == boot.ChainImage && m.fetched",
			with: "a.Chain == boot.ChainImage", test: "TestBook"},
		{name: "chain: another loader's script is none of this attempt's", file: saw, text: "if s.Chain == a.Chain {", with: "if true {", test: "TestBook"},
		{name: "chain: the book is bounded", file: saw, text: "if b.order.Len() >= maxMachines {", with: "if b.order.Len() >= 1000*maxMachines {", test: "TestBound"},

		{name: "boot image: for the lease's machine only", file: image, text: "if !known {", with: "if !known && false {", test: "TestImageIsTheMachines"},
		{name: "boot image: no token for its size", file: image, text: "if r.Method == http.MethodHead { // its", with: "if false { // its", test: "TestImage"},
		{name: "boot script: for the lease's machine only", file: client, text: "if err != nil || mac.String() != c.MAC.String() {", with: "if err != nil && mac.String() != c.MAC.String() {",
			test: "TestAnotherMachinesScriptIsRefused"},
		{name: "boot file: a part is not the whole", file: recorder, text: "return r.sent == size", with: "return true", test: "TestBrokenOff"},
		{name: "boot file: the server's own end says nothing of the machine", file: file, text: "w.err != nil && !errors.Is(w.err, net.ErrClosed)",
			with: "w.err != nil || errors.Is(w.err, net.ErrClosed)", test: "TestOwnEnd"},
		{name: "boot script: a reason is no command", file: quote, text: "b.WriteByte('?')", with: "b.WriteRune(r)", test: "TestReasonCannotInject"},
		{name: "boot script: a parameter is no command", file: quote, text: "if r != ' ' && !plain(r) {", with: "if r == 0 {", test: "TestHostileParameterIsAnError"},
		{name: "tftp: only what is listed", file: tftp, text: "return nil, fs.ErrNotExist", with: "_ = fs.ErrNotExist\n	return b.root.Open(name)", test: "TestOnlyListedNames"},
		{name: "tftp: a configuration that did not arrive ended nothing", file: tftp, text: "	b.take(c)\n", with: "", test: "TestBrokenEnd"},
	}
}
