package verdict

import (
	"regain.example/agent/api"
	"regain.example/imager"
	plans "regain.example/imager/plan"
)

// same compares the drive before and after with the one that was planned.
func same(plan imager.JobDrive, ev *api.DriveEvidence) *fault {
	switch {
	case ev.After == nil:
		return changed.because("the drive could not be identified after the erasure: %s", ev.AfterError)
	case ev.AfterError != "":
		return changed.because("identifying the drive after the erasure went wrong: %s", ev.AfterError)
	case ev.After.ID() != plan.ID:
		return changed.because("another drive answered after the erasure: %s", ev.After.ID())
	}
	if why := differs(plan.Drive, ev.Before); why != "" {
		return changed.because("before the erasure, %s", why)
	}
	if why := differs(plan.Drive, *ev.After); why != "" {
		return changed.because("after the erasure, %s", why)
	}
	return nil
}

// differs compares what the identity of a drive does not hold; its size it does.
func differs(want, got api.Drive) string {
	switch {
	case got.LogicalSector != want.LogicalSector:
		return "the sector size was another"
	case (got.NVMe == nil) != (want.NVMe == nil):
		return "the drive did not answer as the NVMe drive that it is"
	case want.NVMe == nil:
		return ""
	}
	g, w := *got.NVMe, *want.NVMe
	g.Controller, w.Controller = "", "" // the kernel's name, of this boot only
	switch {
	case g.NSID != w.NSID || g.Namespaces != w.Namespaces || g.Allocated != w.Allocated:
		return "the namespaces were not those of the approval"
	case g.LBAFormat != w.LBAFormat || g.LBADataSize != w.LBADataSize:
		return "the LBA format was another"
	case g.Metadata != w.Metadata || g.MetadataExt != w.MetadataExt || g.Protection != w.Protection:
		return "metadata or protection information was another"
	case g != w:
		return "the controller advertised something else than at the approval"
	}
	return ""
}

// reached wants that no part of the drive is out of the method's reach.
func reached(plan imager.JobDrive, ev *api.DriveEvidence, m api.Method) *fault {
	d := plan.Drive
	switch {
	case plans.Sanitizes(m):
		return nil
	case d.NVMe == nil && ev.NativeBytes != 0 && ev.NativeBytes < d.SizeBytes: // NVMe's is that of all namespaces
		return contradiction.because("the drive tells a native size that is smaller than its size")
	case d.NVMe == nil && ev.NativeBytes > d.SizeBytes:
		return reach.because("%s of the drive's %s are hidden by a limit set in it", plans.Size(ev.NativeBytes-d.SizeBytes), plans.Size(ev.NativeBytes))
	case d.NVMe != nil && d.NVMe.UnallocByte > 0:
		return reach.because("%s of the drive belong to no namespace, and only a sanitize operation reaches them", plans.Size(d.NVMe.UnallocByte))
	case d.NVMe != nil && d.NVMe.Allocated > d.NVMe.Namespaces:
		return reach.because("%d namespaces of the drive are not active, and only a sanitize operation reaches them", d.NVMe.Allocated-d.NVMe.Namespaces)
	}
	return nil
}
