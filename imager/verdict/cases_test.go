package verdict

import (
	"maps"

	"regain.example/agent/api"
	"regain.example/imager"
)

// bad is a change to good evidence, and the row of the table that it falls under.
type bad struct {
	of     string
	rule   rule
	change func(s *sample)
}

func cases() map[string]bad {
	all := map[string]bad{}
	for _, part := range []map[string]bad{frameCases(), overwriteCases(), markerCases(), sampleCases(), formatCases(),
		sanitizeCases(), resumeCases(), followCases(), changeCases(), healthCases()} {
		maps.Copy(all, part)
	}
	return all
}

func frameCases() map[string]bad {
	const fallen = "overwrite after refusals"
	return map[string]bad{
		"no evidence":        {"overwrite", noEvidence, func(s *sample) { s.ev = nil }},
		"empty evidence":     {"overwrite", anotherDrive, func(s *sample) { s.ev = &api.DriveEvidence{} }},
		"of another drive":   {"overwrite", anotherDrive, func(s *sample) { s.ev.Drive = "other" }},
		"another before":     {"overwrite", anotherDrive, func(s *sample) { s.ev.Before.Serial = "S2" }},
		"cancelled":          {"overwrite", stopped, func(s *sample) { s.ev.Stopped = "cancelled" }},
		"kept":               {"overwrite", keptUnjudged, func(s *sample) { s.ev.Kept = true }},
		"sampled only":       {"overwrite", keptUnjudged, func(s *sample) { s.ev.Recheck = &api.Sampling{} }},
		"no attempt":         {"overwrite", nothingDone, func(s *sample) { s.ev.Attempts = nil }},
		"error":              {"overwrite", failed, func(s *sample) { last(s).Error = "timeout" }},
		"ended before begun": {"overwrite", contradiction, func(s *sample) { last(s).EndedMillis = 1 }},
		"not planned":        {"overwrite", order, func(s *sample) { last(s).Method = api.MethodFormat }},
		"nothing planned":    {"overwrite", order, func(s *sample) { s.plan.Methods = nil }},
		"method unknown": {"overwrite", order, func(s *sample) {
			last(s).Method, s.plan.Methods = "magic", []api.Method{"magic"}
			last(s).Overwrite, last(s).Sampling = nil, nil
		}},
		"twice":       {"overwrite", order, func(s *sample) { s.ev.Attempts = append(s.ev.Attempts, s.ev.Attempts[0]) }},
		"empty drive": {"overwrite of wire 1", contradiction, emptied},

		"first may have run":     {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[0].NotRun = "" }},
		"first had succeeded":    {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[0].Commands[0].Status = 0 }},
		"first timed out":        {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[2].Commands[0].Status = -1 }},
		"first aborted":          {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[2].Commands[0].Status = 0x007 }},
		"a sanitize ran already": {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[0].Commands[0].Status = 0x01d }},
		"refused and hung":       {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[0].Commands[0].Error = "timeout" }},
		"first had an error":     {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[1].Error = "reset" }},
		"first had read markers": {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[0].Markers = &api.Markers{Blocks: 64, Read: 64} }},
		"first had written":      {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[0].Overwrite = &api.Overwrite{BytesWritten: 1} }},
		"first had read back":    {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[0].ReadBack = &api.ReadBack{} }},
		"first had sampled":      {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[0].Sampling = &api.Sampling{} }},
		"first was seen running": {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[0].Sanitize = &api.Sanitize{SeenRunning: 1} }},
		"first was accepted":     {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts[0].Sanitize = &api.Sanitize{Accepted: true} }},
		"one left out":           {fallen, order, func(s *sample) { s.ev.Attempts = s.ev.Attempts[1:] }},
		"gave up too early":      {fallen, mayHaveRun, func(s *sample) { s.ev.Attempts = s.ev.Attempts[:2] }},
		"every method refused": {fallen, refused, func(s *sample) {
			*last(s) = api.Attempt{Method: api.MethodOverwrite, NotRun: "write protected"}
		}},
	}
}

// emptied is good in every number, on a drive that has no bytes.
func emptied(s *sample) {
	s.plan.Drive.SizeBytes, s.ev.Before.SizeBytes, s.ev.After.SizeBytes = 0, 0, 0
	s.plan.ID = s.plan.Drive.ID()
	s.ev.Drive = s.plan.ID
	last(s).Overwrite.BytesWritten, last(s).ReadBack.BytesRead = 0, 0
}

func overwriteCases() map[string]bad {
	const of = "overwrite"
	return map[string]bad{
		"no read-back":        {of, reading, func(s *sample) { last(s).ReadBack = nil }},
		"no record":           {of, writing, func(s *sample) { last(s).Overwrite = nil }},
		"nameless pattern":    {of, writing, func(s *sample) { last(s).Overwrite.Pattern = "" }},
		"written short":       {of, writing, func(s *sample) { last(s).Overwrite.BytesWritten-- }},
		"written too much":    {of, contradiction, func(s *sample) { last(s).Overwrite.BytesWritten++ }},
		"written around":      {of, contradiction, func(s *sample) { o := last(s).Overwrite; o.From, o.BytesWritten = size+1, 1<<64-1 }},
		"begun in the middle": {of, resumed, func(s *sample) { o := last(s).Overwrite; o.From, o.BytesWritten = 512, size-512 }},
		"not flushed":         {of, writing, func(s *sample) { last(s).Overwrite.Flushed = false }},
		"write error":         {of, writing, func(s *sample) { last(s).Overwrite.WriteErrors = []api.Range{{Length: 512}} }},
		"read short":          {of, reading, func(s *sample) { last(s).ReadBack.BytesRead-- }},
		"read too much":       {of, contradiction, func(s *sample) { last(s).ReadBack.BytesRead++ }},
		"read error":          {of, reading, func(s *sample) { last(s).ReadBack.ReadErrors = []api.Range{{Length: 512}} }},
		"mismatch":            {of, content, func(s *sample) { last(s).ReadBack.Mismatches = 1 }},
		"mismatch unread":     {of, contradiction, func(s *sample) { last(s).ReadBack.Mismatches, last(s).ReadBack.BytesRead = 1, 0 }},
		"place, no mismatch":  {of, contradiction, func(s *sample) { last(s).ReadBack.First = []api.Range{{Length: 1}} }},
		"more zeros than all": {of, contradiction, func(s *sample) { last(s).ReadBack.ZeroBytes = size + 1 }},
		"with markers too":    {of, contradiction, func(s *sample) { last(s).Markers = &api.Markers{} }},
		"with a log too":      {of, contradiction, func(s *sample) { last(s).Sanitize = &api.Sanitize{} }},
		"pauses of no length": {of, contradiction, func(s *sample) { last(s).Pace.PausedMillis = 5 }},
		"no samples":          {of, sampling, func(s *sample) { last(s).Sampling = nil }},
		"one sample no pattern": {of, content, func(s *sample) {
			p := last(s).Sampling
			p.Pattern, p.Uniform = 255, 1
		}},
		"samples, no seed": {of, sampling, func(s *sample) { s.plan.SampleSeed = nil }},
	}
}

func resumeCases() map[string]bad {
	journal := func(s *sample, m api.Method, stage api.Stage, offset uint64) {
		r := api.Resume{JournalEntry: api.JournalEntry{Method: m, Stage: stage, Offset: offset}}
		said := r
		s.plan.Resumed, s.ev.Resumed = &r, &said
	}
	return map[string]bad{
		"went on unordered":      {"overwrite", resumed, func(s *sample) { s.ev.Resumed = &api.Resume{} }},
		"did not go on":          {"overwrite resumed", resumed, func(s *sample) { s.ev.Resumed = nil }},
		"went on from elsewhere": {"overwrite resumed", resumed, func(s *sample) { s.ev.Resumed.Offset++ }},
		"went on too far":        {"overwrite resumed", resumed, func(s *sample) { journal(s, api.MethodOverwrite, api.StageOffset, size/8) }},
		"went on from a start":   {"overwrite resumed", resumed, func(s *sample) { journal(s, api.MethodOverwrite, api.StageBegun, size/2) }},
		"another had begun":      {"overwrite resumed", resumed, func(s *sample) { journal(s, api.MethodSanitizeBlock, api.StageBegun, 0) }},
		"another was tried":      {"overwrite resumed", resumed, func(s *sample) { last(s).Method = api.MethodFormat }},
		"not cut down": {"overwrite resumed", resumed, func(s *sample) {
			s.plan.Methods = []api.Method{api.MethodOverwrite, api.MethodFormat}
		}},
		"refused in the next boot": {"sanitize resumed", resumed, func(s *sample) { *last(s) = notRun(api.MethodSanitizeBlock, sanitize(2)) }},
		"carried from nowhere":     {"sanitize block", contradiction, func(s *sample) { last(s).Markers.Carried = true }},
		"carried, nothing known": {"sanitize block", marking, func(s *sample) {
			*last(s).Markers = api.Markers{Blocks: 64, BlockBytes: 1 << 20, Read: 64, Carried: true}
		}},
		"carried to another command": {"sanitize resumed", marking, func(s *sample) {
			last(s).Commands, last(s).Sanitize.Accepted, last(s).Sanitize.Arguments = []api.Command{sanitize(2)}, true, sanitize(2).Arguments
		}},
		"carried to a command that was not answered": {"sanitize resumed", marking, func(s *sample) {
			last(s).Commands, last(s).Sanitize.Arguments = []api.Command{sanitize(2)}, sanitize(2).Arguments
			timedOut(s)
		}},
		"carried to a format": {"format", marking, func(s *sample) {
			resume(s, api.JournalEntry{Method: api.MethodFormat, Stage: api.StageBegun})
			*last(s).Markers = api.Markers{Blocks: 64, BlockBytes: 1 << 20, Read: 64, Carried: true}
		}},
		"carried, nothing known, not answered": {"sanitize seen running", marking, func(s *sample) {
			*last(s).Markers = api.Markers{Blocks: 64, BlockBytes: 1 << 20, Read: 64, Carried: true}
		}},
		"followed from another's journal": {"sanitize crypto,then", resumed, func(s *sample) {
			resume(s, api.JournalEntry{Method: api.MethodSanitizeCrypto, Stage: api.StageCompleted})
			last(s).Overwrite.From, last(s).Overwrite.BytesWritten = size/2, size/2
		}},
		"carried, never running":  {"sanitize resumed", sanitizing, func(s *sample) { last(s).Sanitize.SeenRunning = 0 }},
		"carried, not all read":   {"sanitize resumed", marking, func(s *sample) { last(s).Markers.Read-- }},
		"carried, still there":    {"sanitize resumed", content, func(s *sample) { last(s).Markers.StillThere = 1 }},
		"laid in a running drive": {"sanitize resumed", sanitizing, func(s *sample) { *last(s).Markers = *laid() }},
		"running, and formatted":  {"sanitize resumed", command, func(s *sample) { last(s).Commands = []api.Command{format(1)} }},
		"running, and sent again": {"sanitize resumed", command, func(s *sample) { last(s).Commands = []api.Command{sanitize(2)} }},
		"running, begun by whom":  {"sanitize resumed", sanitizing, func(s *sample) { s.plan.Resumed, s.ev.Resumed = nil, nil }},
	}
}

func followCases() map[string]bad {
	const of = "sanitize crypto,then"
	crypto := func(s *sample) *api.Attempt { return &s.ev.Attempts[0] }
	return map[string]bad{
		"not followed":         {of, following, func(s *sample) { s.ev.Attempts = s.ev.Attempts[:1]; last(s).Sampling = noisy(api.VerifyNISTR2) }},
		"followed by another":  {of, mayHaveRun, func(s *sample) { last(s).Method = api.MethodFormatCrypto }},
		"follow refused":       {of, following, func(s *sample) { *last(s) = api.Attempt{Method: api.MethodOverwrite, NotRun: "write protected"} }},
		"follow failed":        {of, failed, func(s *sample) { last(s).Error = "reset" }},
		"follow not read":      {of, reading, func(s *sample) { last(s).ReadBack = nil }},
		"first failed":         {of, failed, func(s *sample) { crypto(s).Error = "timeout" }},
		"first without marks":  {of, marking, func(s *sample) { crypto(s).Markers = nil }},
		"first left markers":   {of, belied, func(s *sample) { crypto(s).Markers.StillThere = 1 }},
		"first left content":   {of, belied, func(s *sample) { p := crypto(s).Sampling; p.Random, p.Other = 199, 1 }},
		"first not in the log": {of, sanitizing, func(s *sample) { crypto(s).Sanitize.Status = 3 }},
		"followed unplanned":   {of, mayHaveRun, func(s *sample) { s.plan.Follow = "" }},
		"followed twice": {of, order, func(s *sample) {
			s.ev.Attempts = append(s.ev.Attempts, overwriteAttempt(api.VerifyNISTR2))
			s.plan.Methods = []api.Method{api.MethodSanitizeCrypto}
		}},
	}
}

func changeCases() map[string]bad {
	of := "format"
	both := func(s *sample, change func(*api.NVMe)) {
		for _, n := range []*api.NVMe{s.plan.Drive.NVMe, s.ev.Before.NVMe, s.ev.After.NVMe} {
			change(n)
		}
	}
	return map[string]bad{
		"after not told":       {of, changed, func(s *sample) { s.ev.After = nil; s.ev.AfterError = "gone" }},
		"after with error":     {of, changed, func(s *sample) { s.ev.AfterError = "gone" }},
		"after is another":     {of, changed, func(s *sample) { s.ev.After.Serial = "S2" }},
		"after is smaller":     {of, changed, func(s *sample) { s.ev.After.SizeBytes /= 2 }},
		"after sector":         {of, changed, func(s *sample) { s.ev.After.LogicalSector = 512 }},
		"LBA format":           {of, changed, func(s *sample) { s.ev.After.NVMe.LBAFormat = 0 }},
		"LBA size":             {of, changed, func(s *sample) { s.ev.After.NVMe.LBADataSize = 512 }},
		"metadata":             {of, changed, func(s *sample) { s.ev.After.NVMe.Metadata = 0 }},
		"metadata's place":     {of, changed, func(s *sample) { s.ev.After.NVMe.MetadataExt = false }},
		"protection":           {of, changed, func(s *sample) { s.ev.After.NVMe.Protection = 0 }},
		"namespace":            {of, changed, func(s *sample) { s.ev.After.NVMe.NSID = 2 }},
		"namespaces":           {of, changed, func(s *sample) { s.ev.After.NVMe.Namespaces = 2 }},
		"another namespace":    {of, changed, func(s *sample) { s.ev.After.NVMe.Allocated = 2 }},
		"no longer NVMe":       {of, changed, func(s *sample) { s.ev.After.NVMe = nil }},
		"another before":       {of, changed, func(s *sample) { s.ev.Before.NVMe.LBAFormat = 0 }},
		"advertises now":       {of, changed, func(s *sample) { s.ev.Before.NVMe.SANICAP = 1 }},
		"unallocated":          {of, reach, func(s *sample) { both(s, func(n *api.NVMe) { n.UnallocByte = 1 }) }},
		"inactive namespace":   {of, reach, func(s *sample) { both(s, func(n *api.NVMe) { n.Allocated = 2 }) }},
		"unallocated, written": {"overwrite after refusals", reach, func(s *sample) { both(s, func(n *api.NVMe) { n.UnallocByte = 1 }) }},
		"hidden by a limit":    {"overwrite", reach, func(s *sample) { s.ev.NativeBytes = size + 512 }},
		"native size smaller":  {"overwrite", contradiction, func(s *sample) { s.ev.NativeBytes = size - 512 }},
	}
}

func healthCases() map[string]bad {
	of := "format"
	limit := func(s *sample, change func(*imager.DriveLimits)) { change(&s.limits) }
	return map[string]bad{
		"health hidden":       {of, worse, func(s *sample) { s.ev.HealthAfter = nil }},
		"health unreadable":   {of, worse, func(s *sample) { s.ev.HealthAfter = &api.Health{Error: "timeout"} }},
		"media errors hidden": {of, worse, func(s *sample) { s.ev.HealthAfter.MediaErrors = nil }},
		"media errors":        {of, worse, func(s *sample) { *s.ev.HealthAfter.MediaErrors = 3 }},
		"reallocated":         {of, worse, func(s *sample) { *s.ev.HealthAfter.ReallocatedSectors = 3 }},
		"pending":             {of, worse, func(s *sample) { *s.ev.HealthAfter.PendingSectors = 3 }},
		"fewer media errors":  {of, contradiction, func(s *sample) { *s.ev.HealthAfter.MediaErrors = 1 }},
		"younger":             {of, contradiction, func(s *sample) { *s.ev.HealthAfter.PowerOnHours = 99 }},

		"too many media errors": {of, beyond, func(s *sample) { *s.ev.HealthBefore.MediaErrors, *s.ev.HealthAfter.MediaErrors = 51, 51 }},
		"too many for this profile": {of, beyond, func(s *sample) {
			limit(s, func(l *imager.DriveLimits) { l.BadSectors = 1 })
		}},
		"too many before only": {of, beyond, func(s *sample) { *s.ev.HealthBefore.PendingSectors = 51 }},
		"too many reallocated": {of, beyond, func(s *sample) {
			*s.ev.HealthBefore.ReallocatedSectors, *s.ev.HealthAfter.ReallocatedSectors = 51, 51
		}},
		"read-only":    {of, beyond, func(s *sample) { *s.ev.HealthAfter.CriticalWarning = 8 }},
		"unreliable":   {of, beyond, func(s *sample) { *s.ev.HealthAfter.CriticalWarning = 4 }},
		"spare is low": {of, beyond, func(s *sample) { *s.ev.HealthBefore.CriticalWarning = 1 }},
		"hot after":    {of, beyond, func(s *sample) { *s.ev.HealthAfter.Celsius = 86 }},
		"hot at work":  {"overwrite", beyond, func(s *sample) { last(s).Pace.HottestCelsius = 86 }},
		"hot for a disk": {"overwrite", beyond, func(s *sample) {
			s.plan.Drive.Rotational = true
			last(s).Pace.HottestCelsius = 66
		}},
		"slow": {"overwrite", beyond, func(s *sample) { last(s).Pace.SlowestBytesPerSecond = 2.9e6 }},
	}
}
