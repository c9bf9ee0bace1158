package plan

import (
	"slices"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

func nvme(n api.NVMe) api.Drive {
	return disk("N1", func(d *api.Drive) { d.Bus, d.NVMe = api.BusNVMe, &n })
}

// TestMethods sets bits by NVM Express Base Specification 2.0, figure 275: OACS bit
// 1 Format NVM; FNA bit 0 format all, 1 erase all, 2 cryptographic; SANICAP bit 0
// crypto, 1 block, 2 overwrite.
func TestMethods(t *testing.T) {
	const (
		block, sanitizeCrypto, rewrite = api.MethodSanitizeBlock, api.MethodSanitizeCrypto, api.MethodSanitizeOverwrite
		crypto, format, overwrite      = api.MethodFormatCrypto, api.MethodFormat, api.MethodOverwrite
	)
	for name, c := range map[string]struct {
		d    api.Drive
		part bool // another namespace of the controller stays
		want []api.Method
	}{
		"SATA":                               {d: disk("S1"), want: []api.Method{overwrite}},
		"USB":                                {d: disk("S1", func(d *api.Drive) { d.Bus = api.BusUSB }), want: []api.Method{overwrite}},
		"NVMe that tells nothing":            {d: disk("S1", func(d *api.Drive) { d.Bus = api.BusNVMe }), want: []api.Method{overwrite}},
		"no Format (OACS bit 1 clear)":       {d: nvme(api.NVMe{Namespaces: 1, OACS: 0xfd, FNA: 4}), want: []api.Method{overwrite}},
		"Format":                             {d: nvme(api.NVMe{Namespaces: 1, OACS: 2}), want: []api.Method{format, overwrite}},
		"Format of all, one namespace":       {d: nvme(api.NVMe{Namespaces: 1, OACS: 2, FNA: 3}), want: []api.Method{format, overwrite}},
		"cryptographic (FNA bit 2)":          {d: nvme(api.NVMe{Namespaces: 1, OACS: 2, FNA: 4}), want: []api.Method{crypto, format, overwrite}},
		"two namespaces":                     {d: nvme(api.NVMe{Namespaces: 2, OACS: 2, FNA: 4}), want: []api.Method{crypto, format, overwrite}},
		"two namespaces, Format of all":      {d: nvme(api.NVMe{Namespaces: 2, OACS: 2, FNA: 7}), want: []api.Method{crypto, format, overwrite}},
		"one of two":                         {d: nvme(api.NVMe{Namespaces: 2, OACS: 2, FNA: 4, SANICAP: 7}), part: true, want: []api.Method{crypto, format, overwrite}},
		"one of two, Format of all":          {d: nvme(api.NVMe{Namespaces: 2, OACS: 2, FNA: 1, SANICAP: 7}), part: true, want: []api.Method{overwrite}},
		"one of two, erasure of all":         {d: nvme(api.NVMe{Namespaces: 2, OACS: 2, FNA: 2}), part: true, want: []api.Method{overwrite}},
		"number of namespaces not told":      {d: nvme(api.NVMe{OACS: 2, FNA: 4, SANICAP: 7}), want: []api.Method{overwrite}},
		"what an NVMe tells, on another bus": {d: disk("S1", func(d *api.Drive) { d.NVMe = &api.NVMe{Namespaces: 1, OACS: 2} }), want: []api.Method{overwrite}},
		"sanitize, all three":                {d: nvme(api.NVMe{Namespaces: 1, OACS: 2, FNA: 4, SANICAP: 7}), want: []api.Method{block, sanitizeCrypto, crypto, format, overwrite}},
		"sanitize by block":                  {d: nvme(api.NVMe{Namespaces: 1, SANICAP: 2}), want: []api.Method{block, overwrite}},
		"sanitize by crypto, and overwrite":  {d: nvme(api.NVMe{Namespaces: 1, SANICAP: 5}), want: []api.Method{sanitizeCrypto, overwrite}},
		"sanitize by overwrite alone":        {d: nvme(api.NVMe{Namespaces: 1, OACS: 2, SANICAP: 4}), want: []api.Method{rewrite, format, overwrite}},
		"other bits of SANICAP":              {d: nvme(api.NVMe{Namespaces: 1, SANICAP: 0xe0000000}), want: []api.Method{overwrite}},
	} {
		if got := Methods(c.d, !c.part); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestJobDrives(t *testing.T) {
	n := byte(0)
	draw := func() []byte { n++; return []byte{n} }
	jobs := JobDrives([]api.Drive{disk("S1"), disk("S2")}, imager.Profile{}, draw)
	if len(jobs) != 2 || jobs[0].Seed[0] == jobs[1].Seed[0] || jobs[0].Verify != api.VerifyNISTR2 || jobs[1].ID != disk("S2").ID() {
		t.Errorf("got %+v", jobs)
	}
	if jobs[0].Follow != api.MethodOverwrite || jobs[0].Limits.NoProgressSeconds != 1800 || jobs[0].Limits.PauseCelsius != 70 || jobs[0].Limits.FloorBytesPerSecond != 3e6 {
		t.Errorf("got %+v", jobs[0])
	}
	p := imager.Profile{Verify: api.VerifyFull, CryptoAlone: true, Limits: imager.DriveLimits{PauseCelsius: 60}}
	if full := JobDrives([]api.Drive{disk("S1")}, p, draw); full[0].Verify != api.VerifyFull || full[0].Follow != "" || full[0].Limits.PauseCelsius != 60 {
		t.Errorf("got %+v", full[0])
	}
}

// TestNamespacesTogether: a sanitize operation is planned only if all active
// namespaces of the controller are to be erased.
func TestNamespacesTogether(t *testing.T) {
	namespace := func(serial, controller string) api.Drive {
		d := nvme(api.NVMe{Controller: controller, Namespaces: 2, OACS: 2, SANICAP: 2})
		d.Serial = serial
		return d
	}
	a, b, other := namespace("A", "nvme0"), namespace("B", "nvme0"), namespace("C", "nvme1")
	for name, c := range map[string]struct {
		work []api.Drive
		want api.Method
	}{
		"both":         {[]api.Drive{a, b, other}, api.MethodSanitizeBlock},
		"one":          {[]api.Drive{a}, api.MethodFormat},
		"of different": {[]api.Drive{a, other}, api.MethodFormat},
	} {
		got := JobDrives(c.work, imager.Profile{}, func() []byte { return nil })
		if got[0].Methods[0] != c.want {
			t.Errorf("%s: %v", name, got[0].Methods)
		}
	}
}

func TestLimits(t *testing.T) {
	set := imager.DriveLimits{BadSectors: 1, MinMBPerSecond: 2, PauseCelsius: 3, MaxCelsius: 4, NoProgressMinutes: 5}
	if got := Limits(set, disk("S1")); got != set {
		t.Errorf("what the profile sets was changed: %+v", got)
	}
	ssd, rotating := Limits(imager.DriveLimits{}, disk("S1")), Limits(imager.DriveLimits{}, disk("S1", func(d *api.Drive) { d.Rotational = true }))
	for _, l := range []imager.DriveLimits{ssd, rotating} {
		if l.BadSectors == 0 || l.MinMBPerSecond == 0 || l.NoProgressMinutes == 0 || l.PauseCelsius == 0 || l.MaxCelsius <= l.PauseCelsius || Limits(l, disk("S1")) != l {
			t.Errorf("defaults: %+v", l)
		}
	}
	if rotating.MaxCelsius >= ssd.MaxCelsius {
		t.Errorf("a rotating disk may become %d °C hot, an SSD %d", rotating.MaxCelsius, ssd.MaxCelsius)
	}
}
