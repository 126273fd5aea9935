//go:build !windows

package blob

const flushUnknown = false
