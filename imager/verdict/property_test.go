package verdict

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

// harmless are the fields whose value is no part of the judgement: names, times,
// what a drive says of itself without it being its identity, numbers that are for
// people.
var harmless = regexp.MustCompile(`\.(Before|After)\.(Node|Location|Firmware|PhysicalSector|Rotational|Removable|ReadOnly|SerialOfBridge|Excluded|Bay)$` +
	`|\.NVMe\.Controller$` +
	`|\.(BeganMillis|EndedMillis|Millis|WriteMillis|Pattern|Note|Name|State|Source|FUA|First)$` +
	`|\.Health(Before|After)\.(SparePercent|SpareThreshold|UsedPercent)$` +
	`|\.ReadBack\.ZeroBytes$|\.Markers\.(FormerSkip|Samples)$` +
	`|\.Sanitize\.(SeenRunning|Progress|PurgeRequired|LongestStill)$` +
	`|\.Pace\.|\.Pace$|\.Asked|\.Identify(Before|After)$`)

// exempt are further fields of single samples, each with its reason.
var exempt = map[string]*regexp.Regexp{
	// An overwrite needs no command.
	"overwrite":           regexp.MustCompile(`\.Commands$`),
	"overwrite of before": regexp.MustCompile(`\.Commands$`),
	"overwrite resumed":   regexp.MustCompile(`\.Commands$`),
	"overwrite of wire 1": regexp.MustCompile(`\.Commands$`),
	// Refused attempts count by their commands' statuses and by traces of having
	// run; markers that were laid before a refusal are none.
	"overwrite after refusals": regexp.MustCompile(`\.Attempts\[4\]\.Commands$|\.Attempts\[[0-3]\]\.(NotRun|Markers|Overwrite|Sanitize|Commands|Commands\[0\]\.(Opcode|NSID|Arguments|Status))$`),
	// What was read between the two methods is judged if it is there.
	"sanitize crypto,then": regexp.MustCompile(`\.Attempts\[1\]\.Commands$|\.Attempts\[0\]\.(ReadBack$|Sampling$|Sampling\.(SeedSHA256|Plan|Blocks|BlockBytes|Bytes|ReadErrors)$)`),
	"format crypto, then":  regexp.MustCompile(`\.Attempts\[1\]\.Commands$|\.Attempts\[0\]\.(ReadBack|Sampling)$`),
	// What was sent to other namespaces counts as a number only.
	// What an earlier boot laid is not seen again in this one.
	// What was sent before the command that began counts by what it was; an answer
	// that never came can be any other that is no success.
	"sanitize after another's failure": regexp.MustCompile(`\.Commands\[0\]|\.Commands\[1\]`),
	"format of each":                   regexp.MustCompile(`\.Commands\[1\]\.(Opcode|NSID|Arguments)$`),
	"format of all":                    regexp.MustCompile(`\.Commands\[0\]\.(NSID|Arguments)$`),
	"sanitize seen running":            regexp.MustCompile(`\.Commands\[0\]\.(Error|Status)$`),
	"sanitize resumed":                 regexp.MustCompile(`\.Commands$|\.Markers\.(Laid|Flushed)$`),
}

// bits are numbers of which only some bits count, or which have a bound; half the
// changes of such a number are for nothing.
var bits = regexp.MustCompile(`\.Status$|\.CriticalWarning$|\.(Celsius|MediaErrors|PowerOnHours|UnsafeShutdowns|ReallocatedSectors|PendingSectors)$|\.(BlockBytes|Bytes|Blocks|NativeBytes)$`)

// TestEveryFieldMatters changes each single field of good evidence in turn, and
// wants that it is then no longer erased, unless the field is listed as harmless.
func TestEveryFieldMatters(t *testing.T) {
	for name, s := range good() {
		changed := 0
		each(reflect.ValueOf(s.ev).Elem(), func(path string, v reflect.Value, other func() bool) {
			if harmless.MatchString(path) || exempt[name] != nil && exempt[name].MatchString(path) ||
				path == ".NativeBytes" && s.plan.Drive.NVMe != nil { // that of all namespaces
				return
			}
			caught, tried := 0, 0
			for other() {
				tried++
				if s.judge().Outcome != imager.OutcomeErased {
					caught++
				} else if !bits.MatchString(path) {
					t.Errorf("%s: still erased with %s = %v", name, path, v.Interface())
				}
			}
			if tried > 0 && caught == 0 && bits.MatchString(path) {
				t.Errorf("%s: %s does not matter", name, path)
			}
			changed += tried
		})
		if changed < 20 {
			t.Errorf("%s: only %d changes were tried", name, changed)
		}
		if j := s.judge(); j.Outcome != imager.OutcomeErased {
			t.Fatalf("%s: the walk left its traces: %s", name, j.Reason)
		}
	}
}

// TestHarmlessNeverHelps changes, in evidence that is not erased, each harmless
// field that is as it is in good evidence, and wants that it stays not erased.
func TestHarmlessNeverHelps(t *testing.T) {
	tried := 0
	for name, c := range cases() {
		s, as := good()[c.of], good()[c.of]
		c.change(&s)
		if s.ev == nil || name == "ended before begun" || name == "pauses of no length" {
			continue // of two numbers that contradict each other, either can be right
		}
		right := map[string]any{}
		each(reflect.ValueOf(as.ev).Elem(), func(path string, v reflect.Value, _ func() bool) { right[path] = v.Interface() })
		each(reflect.ValueOf(s.ev).Elem(), func(path string, v reflect.Value, other func() bool) {
			was, ok := right[path]
			if !harmless.MatchString(path) || !ok || !reflect.DeepEqual(was, v.Interface()) {
				return // this may be what the case broke
			}
			for other() {
				tried++
				if s.judge().Outcome == imager.OutcomeErased {
					t.Errorf("%s: erased with %s = %v", name, path, v.Interface())
				}
			}
		})
	}
	if tried < 10000 {
		t.Errorf("only %d changes were tried", tried)
	}
}

// each calls f for each field below v that can be changed, with its path. other
// changes the field to its next other value and reports whether there was one; the
// field is restored afterwards.
func each(v reflect.Value, f func(path string, v reflect.Value, other func() bool)) {
	walk(v, "", func(path string, v reflect.Value) {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		defer v.Set(old)
		values := others(v)
		f(path, v, func() bool {
			if len(values) == 0 {
				v.Set(old)
				return false
			}
			v.Set(values[0])
			values = values[1:]
			return true
		})
	})
}

func walk(v reflect.Value, path string, f func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Pointer:
		f(path, v)
		if !v.IsNil() {
			walk(v.Elem(), path, f)
		}
	case reflect.Slice:
		f(path, v)
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return // raw data count as a whole
		}
		for i := range v.Len() {
			walk(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
	default:
		f(path, v)
	}
}

// others are values that differ from v: for a part that is there, its absence;
// for one that is not, a part of zeros.
func others(v reflect.Value) (values []reflect.Value) {
	add := func(x any) { values = append(values, reflect.ValueOf(x).Convert(v.Type())) }
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return []reflect.Value{reflect.New(v.Type().Elem())}
		}
		return []reflect.Value{reflect.Zero(v.Type())}
	case reflect.Slice:
		if v.Len() == 0 {
			return []reflect.Value{reflect.MakeSlice(v.Type(), 1, 1)}
		}
		return []reflect.Value{reflect.Zero(v.Type()), reflect.AppendSlice(v, v)}
	case reflect.Bool:
		add(!v.Bool())
	case reflect.String:
		add(v.String() + "x")
		if v.String() != "" {
			add("")
		}
	case reflect.Int, reflect.Int64:
		for _, x := range []int64{v.Int() + 1, v.Int() - 1, 0, -1, 1 << 30} {
			if x != v.Int() {
				add(x)
			}
		}
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		for _, x := range []uint64{v.Uint() + 1, v.Uint() - 1, 0, 1<<64 - 1} {
			if y := reflect.ValueOf(x).Convert(v.Type()); y.Uint() != v.Uint() {
				values = append(values, y)
			}
		}
	}
	return values
}

// TestRandomEvidence wants that what nobody measured is never erased, and that
// every judgement says why.
func TestRandomEvidence(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	samples := good()
	for range 3000 {
		ev := reflect.New(reflect.TypeFor[api.DriveEvidence]()).Elem()
		fill(r, ev, 0)
		for name, s := range samples {
			s.ev = ev.Addr().Interface().(*api.DriveEvidence)
			if r.IntN(2) == 0 { // get past the first rows
				s.ev.Drive, s.ev.Before, s.ev.Stopped, s.ev.Kept, s.ev.Recheck = s.plan.ID, s.plan.Drive, "", false, nil
				for i := range s.ev.Attempts {
					s.ev.Attempts[i].Method = s.plan.Methods[min(i, len(s.plan.Methods)-1)]
				}
			}
			if j := s.judge(); j.Outcome == imager.OutcomeErased || j.Reason == "" || j.Rule == "" || j.Advice == "" {
				t.Fatalf("%s: %+v of %+v", name, j, s.ev)
			}
		}
	}
}

// fill sets v to random values, small numbers and zero more often than others.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	small := func() uint64 { return []uint64{0, 0, 1, 64, 256, size, r.Uint64()}[r.IntN(7)] }
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i), depth+1)
		}
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), depth+1)
		}
	case reflect.Slice:
		n := r.IntN(4)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(r, v.Index(i), depth+1)
		}
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString([]string{"", "", "x"}[r.IntN(3)])
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(small()))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.Set(reflect.ValueOf(small()).Convert(v.Type()))
	}
}
