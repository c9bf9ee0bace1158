package verdict

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"regain.example/agent/api"
	"regain.example/imager"
)

// harmless are the fields whose value is no part of the judgement: names, times,
// and what a drive says of itself without it being the drive's identity. An
// overwrite needs no command, so what was sent besides does not matter to it.
var harmless = regexp.MustCompile(`\.(Before|After)\.(Node|Location|Firmware|PhysicalSector|Rotational|Removable|ReadOnly|SerialOfBridge|Excluded)$` +
	`|\.NVMe\.(Controller|OACS|FNA|SANICAP|TotalBytes|UnallocByte)$` +
	`|\.(BeganMillis|EndedMillis|Millis|WriteMillis|Pattern|Note|Name)$` +
	`|\.Commands\[0\]\.|\.ReadBack\.ZeroBytes$|\.Markers\.(FormerSkip|Samples|BlockBytes)$|\.Attempts\[[01]\]\.(NotRun|Commands\[0\])`)

// TestEveryFieldMatters changes each single field of good evidence in turn, and
// wants that it is then no longer erased, unless the field is listed as harmless.
func TestEveryFieldMatters(t *testing.T) {
	for name, s := range good() {
		changed := 0
		walk(reflect.ValueOf(s.ev).Elem(), "", func(path string, v reflect.Value) {
			if harmless.MatchString(path) || strings.HasPrefix(name, "overwrite") && strings.HasSuffix(path, ".Commands") {
				return
			}
			old := reflect.New(v.Type()).Elem()
			old.Set(v)
			defer v.Set(old)
			for _, other := range others(v) {
				v.Set(other)
				changed++
				if o, _ := drive(s.plan, s.ev); o == imager.OutcomeErased {
					t.Errorf("%s: still erased with %s = %v", name, path, v.Interface())
				}
			}
		})
		if changed < 20 {
			t.Errorf("%s: only %d changes were tried", name, changed)
		}
		if o, why := drive(s.plan, s.ev); o != imager.OutcomeErased {
			t.Fatalf("%s: the walk left its traces: %s", name, why)
		}
	}
}

// walk calls f for each field that can be changed, with its path.
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
			return []reflect.Value{} // a further record: the table has these
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
	case reflect.Int, reflect.Int64:
		add(v.Int() + 1)
		add(v.Int() - 1)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		add(v.Uint() + 1)
		add(v.Uint() - 1)
	}
	return values
}

// FuzzDrive wants that no evidence whatever is erased unless its numbers say so.
func FuzzDrive(f *testing.F) {
	for _, s := range good() {
		text, err := json.Marshal(s.ev)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var ev api.DriveEvidence
		if json.Unmarshal(text, &ev) != nil {
			return
		}
		for _, s := range good() {
			o, why := drive(s.plan, &ev)
			if why == "" {
				t.Error("an outcome without a reason")
			}
			if o != imager.OutcomeErased {
				continue
			}
			a := ev.Attempts[len(ev.Attempts)-1]
			if ev.Stopped != "" || ev.Kept || a.Error != "" || ev.After == nil || ev.After.ID() != s.plan.ID ||
				a.ReadBack != nil && a.ReadBack.Mismatches > 0 || a.Markers != nil && a.Markers.StillThere+a.Markers.Former+a.Markers.SamplesHit > 0 {
				t.Errorf("erased: %s", text)
			}
		}
	})
}
