package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"regain.example/boot"
	"regain.example/boot/bind"
	"regain.example/boot/chain"
	"regain.example/boot/dhcp"
	"regain.example/boot/esp"
	"regain.example/boot/httpboot"
	"regain.example/boot/script"
	"regain.example/boot/solicit"
	"regain.example/boot/tftp"
)

// stopTime is how long transfers may go on when the server stops.
const stopTime = 5 * time.Second

// Server is DHCP, TFTP and HTTP on one interface.
type Server struct {
	config Config
	meter  boot.Meter
	log    *slog.Logger
	root   *os.Root
	table  *dhcp.Table

	scripts script.Server
	book    *chain.Book
	image   *esp.Template

	dhcp addresses
	tftp *tftp.Server
	http *http.Server

	tftpConn     *net.UDPConn
	httpListener net.Listener
	solicitConn  *solicit.Conn
}

// New checks the configuration, the boot directory and the leases. Nothing is
// bound yet.
func New(c Config, d boot.Decider, o boot.Observer, m boot.Meter, log *slog.Logger) (*Server, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("boot directory: %w", err)
	}
	if err := checkFiles(root); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	table, err := dhcp.OpenTable(c.LeaseFile, c.LeaseTime, time.Now, c.pools()...)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	book, err := chain.Open(c.BookFile)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	if c.Proxy {
		book.IPXEFirst()
	}
	image, err := esp.Open(root)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	o = noted{o, book}
	scripts := script.Server{HTTP: netip.AddrPortFrom(c.Address.Addr(), c.HTTPPort)}
	s := &Server{config: c, meter: m, log: log, root: root, table: table, scripts: scripts, book: book, image: image}
	s.dhcp = addresses{iface: c.Interface, own: c.Address.Addr(), needs: dhcp.Needs{
		Decider: d, Chooser: book, Observer: o, Meter: m, Now: time.Now, Log: log,
	}}
	s.tftp = tftp.New(s.transferSocket, tftp.NewBootFiles(root, scripts, c.Agent, d, o, log), table, m, log)
	s.http = &http.Server{
		Handler: httpboot.New(httpboot.Config{
			Root: root, Scripts: scripts, Agent: c.Agent, Template: image, Images: c.Images,
			Machines: table, Decider: d, Observer: o, Meter: m, Log: log,
		}),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      15 * time.Minute, // an initramfs over a bad cable
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// checkFiles finds what is missing before a machine does.
func checkFiles(root *os.Root) error {
	var missing []error
	for _, f := range boot.Files() {
		if _, err := root.Stat(f.Name); err != nil {
			missing = append(missing, fmt.Errorf("boot directory: %w; copy it from %s of Debian's package %s", err, f.Path, f.Package))
		}
	}
	for _, name := range []string{boot.FileKernel, boot.FileInitramfs, esp.File} {
		if _, err := root.Stat(name); err != nil {
			missing = append(missing, fmt.Errorf("boot directory: %w; it is built by Regain's Makefile", err))
		}
	}
	return errors.Join(missing...)
}

// Machines tells who has an address, for other servers on the bench network.
func (s *Server) Machines() boot.Machines { return s.table }

// Listen binds every socket, so that a port in use is known before the first
// machine is answered. It names each socket that failed; none stays open then.
func (s *Server) Listen() error {
	address := s.config.Address.Addr()
	var errs [3]error
	errs[0] = s.dhcp.listen(s.config.dhcp(s.scripts), s.table, s.config.Proxy)
	s.tftpConn, errs[1] = bind.UDP(s.config.Interface, netip.AddrPortFrom(address, tftp.Port))
	s.httpListener, errs[2] = bind.TCP(s.config.Interface, netip.AddrPortFrom(address, s.config.HTTPPort))
	if err := errors.Join(errs[:]...); err != nil {
		s.closeSockets()
		return err
	}
	s.listenForSolicitations()
	return nil
}

// listenForSolicitations may fail: on a host without IPv6 machines boot as well,
// some 16 seconds later.
func (s *Server) listenForSolicitations() {
	conn, err := solicit.Listen(s.config.Interface)
	if err != nil {
		s.log.Warn("IPv6 is not answered on the bench network; iPXE will wait for it at each start", "err", err)
		return
	}
	s.solicitConn = conn
}

// Serve answers machines until ctx ends, and then lets HTTP transfers finish for
// a few seconds. If one protocol fails, the others stop too. Listen comes first.
func (s *Server) Serve(ctx context.Context) error {
	defer s.root.Close()
	defer s.image.Close()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { s.book.Keep(ctx, s.log); return nil })
	s.dhcp.serve(ctx, group)
	group.Go(func() error { return s.tftp.Serve(ctx, s.tftpConn) })
	if s.solicitConn != nil {
		group.Go(func() error { return s.solicitConn.Serve(ctx, s.log) })
	}
	group.Go(func() error {
		err := s.http.Serve(httpboot.Limit(s.httpListener, s.meter, s.log))
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("boot files by HTTP: %w", err)
	})
	group.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		if err := s.http.Shutdown(stop); err != nil {
			return s.http.Close() // a transfer is still under way: cut it
		}
		return nil
	})
	return group.Wait()
}

// Close releases what New and Listen took, if Serve was never called.
func (s *Server) Close() error {
	s.closeSockets()
	return errors.Join(s.image.Close(), s.root.Close())
}

func (s *Server) closeSockets() {
	s.dhcp.close()
	if s.tftpConn != nil {
		s.tftpConn.Close()
	}
	if s.httpListener != nil {
		s.httpListener.Close()
	}
	if s.solicitConn != nil {
		s.solicitConn.Close()
	}
}

// transferSocket opens a socket for one TFTP transfer.
func (s *Server) transferSocket() (*net.UDPConn, error) {
	return bind.UDP(s.config.Interface, netip.AddrPortFrom(s.config.Address.Addr(), 0))
}
