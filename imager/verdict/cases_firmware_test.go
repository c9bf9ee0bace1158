package verdict

import "regain.example/agent/api"

func markerCases() map[string]bad {
	const of = "format"
	return map[string]bad{
		"no markers":            {of, marking, func(s *sample) { last(s).Markers = nil }},
		"zero markers":          {of, marking, func(s *sample) { last(s).Markers = &api.Markers{Flushed: true, BlockBytes: 512} }},
		"too few markers":       {of, marking, func(s *sample) { m := last(s).Markers; m.Blocks, m.Laid, m.Read, m.FormerSkip = 63, 63, 63, 0 }},
		"markers too small":     {of, marking, func(s *sample) { last(s).Markers.BlockBytes = 512 << 10 }},
		"markers of no size":    {of, marking, func(s *sample) { last(s).Markers.BlockBytes = 0 }},
		"marker not laid":       {of, marking, func(s *sample) { last(s).Markers.Laid-- }},
		"markers not flushed":   {of, marking, func(s *sample) { last(s).Markers.Flushed = false }},
		"marker not read":       {of, marking, func(s *sample) { last(s).Markers.Read-- }},
		"marker unreadable":     {of, marking, func(s *sample) { last(s).Markers.ReadErrors = 1 }},
		"marker still there":    {of, content, func(s *sample) { last(s).Markers.StillThere = 1 }},
		"former content":        {of, content, func(s *sample) { last(s).Markers.Former = 1 }},
		"sample hit":            {of, content, func(s *sample) { last(s).Markers.SamplesHit = 1 }},
		"more laid than blocks": {of, contradiction, func(s *sample) { last(s).Markers.Laid = 65 }},
		"more read than blocks": {of, contradiction, func(s *sample) { last(s).Markers.Read = 65 }},
		"more hit than read":    {of, contradiction, func(s *sample) { last(s).Markers.StillThere = 65 }},
		"more hits than taken":  {of, contradiction, func(s *sample) { last(s).Markers.SamplesHit = 193 }},
		"negative count":        {of, contradiction, func(s *sample) { last(s).Markers.StillThere = -1 }},
		"markers beyond":        {of, contradiction, func(s *sample) { last(s).Markers.BlockBytes = size }},
	}
}

func sampleCases() map[string]bad {
	const of = "sanitize block"
	return map[string]bad{
		"none sampled":        {of, sampling, func(s *sample) { last(s).Sampling = nil }},
		"another seed":        {of, sampling, func(s *sample) { s.plan.SampleSeed[0]++ }},
		"seed never drawn":    {of, sampling, func(s *sample) { s.plan.SampleSeed = nil }},
		"half a seed":         {of, sampling, func(s *sample) { s.plan.SampleSeed = s.plan.SampleSeed[:16] }},
		"another sample plan": {of, sampling, func(s *sample) { last(s).Sampling.Plan = api.VerifyFull }},
		"plan unknown":        {of, sampling, func(s *sample) { s.plan.Verify, last(s).Sampling.Plan = "", "" }},
		"one not read":        {of, sampling, func(s *sample) { last(s).Sampling.Read, last(s).Sampling.Uniform = 255, 255 }},
		"sample read error":   {of, sampling, func(s *sample) { last(s).Sampling.ReadErrors = 1 }},
		"too few samples": {of, sampling, func(s *sample) {
			p := last(s).Sampling
			p.Blocks, p.Read, p.Uniform = 255, 255, 255
		}},
		"samples too small": {of, sampling, func(s *sample) { last(s).Sampling.BlockBytes = 4096 }},
		"less than a tenth": {"sanitize block, r1", sampling, func(s *sample) { tenth(s, 3200, 16<<10) }},
		"too few ranges":    {"sanitize block, r1", sampling, func(s *sample) { tenth(s, 1999, 32<<10) }},
		"half a seed, used": {of, sampling, func(s *sample) {
			s.plan.SampleSeed = s.plan.SampleSeed[:16]
			last(s).Sampling.SeedSHA256 = hash(s.plan.SampleSeed)
		}},
		"content in a sample": {of, content, func(s *sample) { p := last(s).Sampling; p.Uniform, p.Other = 255, 1 }},
		"a marker in a sample": {of, content, func(s *sample) {
			p := last(s).Sampling
			p.Uniform, p.Pattern = 255, 1
		}},
		"noise":              {of, noise, func(s *sample) { p := last(s).Sampling; p.Uniform, p.Random = 255, 1 }},
		"noise after format": {"format", noise, func(s *sample) { p := last(s).Sampling; p.Uniform, p.Random = 255, 1 }},
		"noise in 512 bytes": {"sanitize crypto", contradiction, func(s *sample) { last(s).Sampling.BlockBytes = 512 }},
		"do not add up":      {of, contradiction, func(s *sample) { last(s).Sampling.Uniform-- }},
		"negative class": {of, contradiction, func(s *sample) {
			p := last(s).Sampling
			p.Uniform, p.Other = 257, -1
		}},
		"more than taken": {of, contradiction, func(s *sample) { last(s).Sampling.Read, last(s).Sampling.Uniform = 257, 257 }},
		"more than all":   {of, contradiction, func(s *sample) { last(s).Sampling.Bytes = size + 1 }},
		"bytes missing":   {of, contradiction, func(s *sample) { last(s).Sampling.Bytes /= 2 }},
		"place, no other": {of, contradiction, func(s *sample) { last(s).Sampling.First = []api.Range{{Length: 1}} }},
	}
}

// tenth makes a sampling one of so many blocks.
func tenth(s *sample, blocks, bytes int) {
	p := last(s).Sampling
	p.Blocks, p.Read, p.Uniform, p.BlockBytes, p.Bytes = blocks, blocks, blocks, bytes, uint64(blocks*bytes)
}

func formatCases() map[string]bad {
	const of = "format"
	return map[string]bad{
		"no command":            {of, command, func(s *sample) { last(s).Commands = nil }},
		"two commands":          {of, command, func(s *sample) { last(s).Commands = append(last(s).Commands, format(1)) }},
		"another namespace":     {of, command, func(s *sample) { last(s).Commands[0].NSID = 2 }},
		"another one too":       {of, command, func(s *sample) { last(s).Commands = append(last(s).Commands, other(1)) }},
		"more than there are":   {"format of each", command, func(s *sample) { last(s).Commands = append(last(s).Commands, other(1)) }},
		"none of its own":       {"format of each", command, func(s *sample) { last(s).Commands = last(s).Commands[1:] }},
		"one each for all":      {"format of all", command, func(s *sample) { last(s).Commands = append(last(s).Commands, format(1)) }},
		"a sanitize too":        {of, command, func(s *sample) { last(s).Commands = append(last(s).Commands, sanitize(2)) }},
		"a sanitize instead":    {of, command, func(s *sample) { last(s).Commands[0].Opcode = 0x84 }},
		"no status":             {of, command, func(s *sample) { last(s).Commands[0].Status = -1 }},
		"bad status":            {of, command, func(s *sample) { last(s).Commands[0].Status = 0x10a }},
		"kernel's error":        {of, command, func(s *sample) { last(s).Commands[0].Error = "timeout" }},
		"no secure erase":       {of, command, func(s *sample) { last(s).Commands[0].Arguments = format(0).Arguments }},
		"crypto for user data":  {of, command, func(s *sample) { last(s).Commands[0] = format(2) }},
		"user data for crypto":  {"format crypto", command, func(s *sample) { last(s).Commands[0] = format(1) }},
		"to another LBA format": {of, command, func(s *sample) { last(s).Commands[0].Arguments ^= 1 }},
		"to no metadata":        {of, command, func(s *sample) { last(s).Commands[0].Arguments ^= 1 << 4 }},
		"to no protection":      {of, command, func(s *sample) { last(s).Commands[0].Arguments ^= 1 << 5 }},
		"of no NVMe":            {of, advertised, func(s *sample) { s.plan.Drive.NVMe, s.ev.Before.NVMe, s.ev.After.NVMe = nil, nil, nil }},
		"format not advertised": {of, advertised, func(s *sample) { everywhere(s, func(n *api.NVMe) { n.OACS = 0 }) }},
		"crypto not advertised": {"format crypto", advertised, func(s *sample) { everywhere(s, func(n *api.NVMe) { n.FNA = 0 }) }},
		"overwritten too":       {of, contradiction, func(s *sample) { last(s).Overwrite = &api.Overwrite{} }},
		"no full read":          {"format, read whole", reading, func(s *sample) { last(s).ReadBack = nil }},
		"full read short":       {"format, read whole", reading, func(s *sample) { last(s).ReadBack.BytesRead--; last(s).ReadBack.ZeroBytes = 0 }},
		"full read error":       {"format, read whole", reading, func(s *sample) { last(s).ReadBack.ReadErrors = []api.Range{{Length: 1}} }},
		"full read content":     {"format, read whole", content, func(s *sample) { last(s).ReadBack.Mismatches = 1 }},
		"unasked, read error":   {of, reading, func(s *sample) { last(s).ReadBack = &api.ReadBack{ReadErrors: []api.Range{{Length: 1}}} }},
	}
}

// other is a format of a second namespace, with another LBA format.
func other(ses uint32) api.Command {
	c := format(ses)
	c.NSID, c.Arguments = 2, c.Arguments^3
	return c
}

// timedOut makes the answer to a sanitize command one that never came.
func timedOut(s *sample) {
	a := last(s)
	a.Commands[0].Status, a.Commands[0].Error, a.Sanitize.Accepted = -1, "timeout", false
}

func everywhere(s *sample, change func(*api.NVMe)) {
	for _, n := range []*api.NVMe{s.plan.Drive.NVMe, s.ev.Before.NVMe, s.ev.After.NVMe} {
		change(n)
	}
}

func sanitizeCases() map[string]bad {
	const of = "sanitize block"
	return map[string]bad{
		"to one namespace":   {of, command, func(s *sample) { last(s).Commands[0].NSID = 1 }},
		"no sanitize record": {of, sanitizing, func(s *sample) { last(s).Sanitize = nil }},
		"never began":        {of, sanitizing, func(s *sample) { p := last(s).Sanitize; p.Accepted, p.SeenRunning = false, 0 }},
		"log not read":       {of, sanitizing, func(s *sample) { *last(s).Sanitize = api.Sanitize{Accepted: true, Arguments: sanitize(2).Arguments} }},
		"log told unread":    {of, contradiction, func(s *sample) { last(s).Sanitize.Read = false }},
		"never sanitized":    {of, sanitizing, func(s *sample) { last(s).Sanitize.Status = 0x100 }},
		"still running":      {of, sanitizing, func(s *sample) { last(s).Sanitize.Status = 2 }},
		"failed":             {of, sanitizing, func(s *sample) { last(s).Sanitize.Status = 3 }},
		"verifying media":    {of, sanitizing, func(s *sample) { last(s).Sanitize.Status = 5 }},
		"recovered":          {of, sanitizing, func(s *sample) { last(s).Sanitize.Recovered = true }},
		"of another command": {of, sanitizing, func(s *sample) { last(s).Sanitize.LogArguments = sanitize(4).Arguments }},
		"log without exit":   {of, sanitizing, func(s *sample) { last(s).Sanitize.LogArguments = 2 }},
		"other bits in log":  {of, sanitizing, func(s *sample) { last(s).Sanitize.LogArguments |= 1 << 9 }},
		"sent without exit": {of, sanitizing, func(s *sample) {
			p := last(s).Sanitize
			p.Arguments, p.LogArguments, last(s).Commands[0].Arguments = 2, 2, 2
		}},
		"a format before": {of, command, func(s *sample) {
			refused := format(1)
			refused.Status = 0x002
			last(s).Commands = []api.Command{refused, sanitize(2)}
		}},
		"sixteen passes": {"sanitize overwrite", sanitizing, func(s *sample) {
			p := last(s).Sanitize
			p.Arguments, p.LogArguments, last(s).Commands[0].Arguments = 3|8, 3|8, 3|8
		}},
		"command not sent":   {of, command, func(s *sample) { last(s).Commands = nil }},
		"command sent twice": {of, command, func(s *sample) { last(s).Commands = append(last(s).Commands, sanitize(2)) }},
		"a format besides":   {of, command, func(s *sample) { last(s).Commands = append(last(s).Commands, format(1)) }},
		"sanitize timed out": {of, sanitizing, func(s *sample) { timedOut(s); last(s).Sanitize.SeenRunning = 0 }},
		"aborted, accepted":  {of, command, func(s *sample) { last(s).Commands[0].Status = 0x007 }},
		"other command timed out": {of, command, func(s *sample) {
			hung := sanitize(2)
			hung.Arguments |= 1 << 9
			hung.Status, hung.Error = -1, "timeout"
			last(s).Commands = []api.Command{hung, sanitize(2)}
		}},
		"refused and accepted":  {of, command, func(s *sample) { last(s).Commands[0].Status = 0x002 }},
		"exit failure mode":     {of, command, func(s *sample) { last(s).Commands = append(last(s).Commands, sanitize(1)) }},
		"another command sent":  {of, command, func(s *sample) { last(s).Commands[0] = sanitize(4) }},
		"accepted, not sent":    {of, contradiction, func(s *sample) { last(s).Sanitize.Arguments = 0 }},
		"negative readings":     {of, contradiction, func(s *sample) { last(s).Sanitize.SeenRunning = -1 }},
		"negative time":         {of, contradiction, func(s *sample) { last(s).Sanitize.LongestStill = -1 }},
		"block not advertised":  {of, advertised, func(s *sample) { everywhere(s, func(n *api.NVMe) { n.SANICAP = 5 }) }},
		"crypto in other place": {"sanitize crypto", advertised, func(s *sample) { everywhere(s, func(n *api.NVMe) { n.SANICAP = 6 }) }},
	}
}
