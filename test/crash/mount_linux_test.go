package crash

import "syscall"

func mount(dir, megabytes string) error {
	return syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+megabytes+"m,mode=700")
}

// unmount waits for nobody: a process that was killed may still be letting go.
func unmount(dir string) error { return syscall.Unmount(dir, syscall.MNT_DETACH) }

// readOnly makes a mounted disk one that cannot be written.
func readOnly(dir string) error {
	return syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "")
}
