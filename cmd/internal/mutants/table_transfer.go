package main

// transfers: TFTP's packets, and what a hostile bench may take.
func transfers() []mutant {
	const (
		exchange = "boot/tftp/exchange.go"
		queue    = "boot/tftp/queue.go"
		guard    = "boot/tftp/guard.go"
		admit    = "boot/tftp/admit.go"
		request  = "boot/tftp/request.go"
		server   = "boot/tftp/server.go"
		transfer = "boot/tftp/transfer.go"
		quiet    = "boot/internal/quiet/quiet.go"
	)
	return []mutant{
		{name: "tftp: nothing ahead of the acknowledgements", file: exchange, text: "for x.next-x.base < x.limit() {", with: "for x.next-x.base < x.limit()+1 {", test: "TestNothingAhead"},
		{name: "tftp: options are acknowledged before a window", file: exchange, text: "if x.base == 0 {", with: "if x.base < 0 {", test: "TestWindowAgreed"},
		{name: "tftp: a repeated acknowledgement repeats no block", file: exchange, text: "x.window > 1 && !x.repeated", with: "!x.repeated", test: "TestEnds/twice"},
		{name: "tftp: a window is repeated once for one loss", file: exchange, text: " && !x.uneasy", with: "", test: "TestWindows"},
		{name: "tftp: a lost block is sent again", file: exchange, text: "if x.base != x.next {", with: "if false {", test: "TestWindows"},
		{name: "tftp: a silent client is given up", file: exchange, text: "time.Since(x.heard) >= patience", with: "time.Since(x.heard) >= 1000*patience", test: "TestEnds/silent"},
		{name: "tftp: an aborted transfer is no success", file: exchange, text: "case n >= 4 && p[0] == 0 && p[1] == opError:", with: "case false:", test: "TestEnds/aborted_after_a_block"},
		{name: "tftp: the server's own end says nothing of the machine", file: transfer, text: "if ctx.Err() == nil {", with: "if true {", test: "TestCancelledTransferIsNoSuccess"},
		{name: "tftp: sent is what the client has", file: transfer, text: "	end := t.await()\n", with: "	t.await()\n	var end error\n", test: "TestEnds/silent"},
		{name: "tftp: a transfer that breaks off is told", file: transfer, text: "s.files.Broken(t.client, name, err)", with: "_ = err", test: "TestEnds/silent"},
		{name: "tftp: the queue is bounded", file: queue, text: "q.broken || q.made-q.freed < depth", with: "true", test: "TestBlockNumbersWrap"},
		{name: "tftp: a window is agreed in the options", file: guard, text: "if g.asked.window == 0 || p[1] != opOAck {", with: "if true {", test: "TestWindowAgreed"},
		{name: "tftp: only options that were asked for", file: guard, text: "if g.asked.onlyWindow() {", with: "if false {", test: "TestWindowAgreed"},
		{name: "tftp: a window is bounded", file: request, text: "r.window = min(n, maxWindow)", with: "r.window = n", test: "TestParse"},
		{name: "tftp: a request is bounded", file: request, text: "if len(packet) > maxRequest {", with: "if false {", test: "TestParse"},
		{name: "tftp: strangers get no transfer", file: server, text: "if !known {", with: "if false && !known {", test: "TestStrangerIsRefused"},
		{name: "tftp: one address has its share", file: admit, text: "case s.count(mine) >= maxPerClient:", with: "case false && s.count(mine) >= maxPerClient:", test: "TestShareOfOneAddress"},
		{name: "tftp: all transfers are bounded", file: admit, text: "case len(s.held) >= maxTransfers:", with: "case len(s.held) >= 10*maxTransfers:", test: "TestFullOfClients"},
		{name: "tftp: machines that boot do not give way", file: admit, text: "!h.heard.Load()", with: "true", test: "TestFullOfClients"},
		{name: "boot log: each machine has its share", file: quiet, text: "if a.used >= Burst {", with: "if a.used >= 1000*Burst {", test: "TestLog"},
		{name: "boot log: its memory is bounded", file: quiet, text: "a == nil && len(l.subjects) >= maxSubjects", with: "a == nil && len(l.subjects) >= 100*maxSubjects", test: "TestSubjectsAreBounded"},
	}
}
