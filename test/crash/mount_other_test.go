//go:build !linux

package crash

import "errors"

func mount(string, string) error { return errors.New("only done on Linux") }

func unmount(string) error { return nil }

func readOnly(string) error { return errors.ErrUnsupported }
