package web

import (
	"net/http"
	"strconv"

	"regain.example/imager"
)

// overview is the list page.
type overview struct {
	Summary  summary
	Rivals   []string // other DHCP servers
	Boots    []way    // of machines without a card
	Machines []card
}

// detail is the page of one machine.
type detail struct {
	card
	Profiles []imager.Profile
	View     imager.View
	Form     withdrawForm
	Former   []drive // of the last job, where the machine came back since
}

func (s *Site) list(w http.ResponseWriter, r *http.Request) {
	s.listPage(w, r, http.StatusOK, "")
}

// listPage shows all machines, with what went wrong on top.
func (s *Site) listPage(w http.ResponseWriter, r *http.Request, status int, alert string) {
	o, err := s.overview(r)
	if err != nil {
		s.oops(w, r, err)
		return
	}
	s.show(w, status, "list.html", page{Title: "Machines", Account: actor(r), Alert: alert, Data: o})
}

func (s *Site) overview(r *http.Request) (overview, error) {
	views, err := s.op.Machines(r.Context())
	if err != nil {
		return overview{}, err
	}
	boots, err := s.op.Boots(r.Context())
	if err != nil {
		return overview{}, err
	}
	cards := presentAll(views, boots.Clients)
	return overview{summarise(cards), rivals(boots), strangers(boots.Clients, cards), cards}, nil
}

func (s *Site) machine(w http.ResponseWriter, r *http.Request) {
	s.machinePage(w, r, http.StatusOK, "")
}

// machinePage shows a machine, with what went wrong on top.
func (s *Site) machinePage(w http.ResponseWriter, r *http.Request, status int, alert string) {
	n, ok := machineNumber(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	d, err := s.detail(r, n)
	if err != nil {
		s.oops(w, r, err)
		return
	}
	s.showMachine(w, r, status, alert, d)
}

func (s *Site) showMachine(w http.ResponseWriter, r *http.Request, status int, alert string, d detail) {
	s.show(w, status, "machine.html", page{
		Title: "Machine " + strconv.Itoa(d.Number), Account: actor(r), Alert: alert, Data: d,
	})
}

// machineNumber reads the number in the address.
func machineNumber(r *http.Request) (int, bool) {
	n, err := strconv.Atoi(r.PathValue("n"))
	return n, err == nil
}

func (s *Site) detail(r *http.Request, n int) (detail, error) {
	v, err := s.op.Machine(r.Context(), n)
	if err != nil {
		return detail{}, err
	}
	profiles, err := s.op.Profiles(r.Context())
	if err != nil {
		return detail{}, err
	}
	gone, err := s.op.Withdrawn(r.Context())
	if err != nil {
		return detail{}, err
	}
	boots, err := s.op.Boots(r.Context())
	if err != nil {
		return detail{}, err
	}
	d := detail{present(v, boots.Clients), profiles, v, newWithdrawForm(v, gone), former(v)}
	for _, part := range [][]drive{d.Drives, d.Former} {
		for i := range part {
			part[i].Withdrawn = declared(gone, part[i].Key)
		}
	}
	return d, nil
}

// oops shows a page that says what went wrong.
func (s *Site) oops(w http.ResponseWriter, r *http.Request, err error) {
	status, text := s.explain(err)
	s.show(w, status, "error.html", page{Title: "Not possible", Account: actor(r), Alert: text})
}
