package main

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/minamori-project/minamori/internal/i18n"
)

// withoutArguments is what a double click means: one company on one computer.
// Windows makes a console for a program that was started without one, and then
// the program is alone on it; in a terminal there is the shell as well.
func withoutArguments() []string {
	var attached [2]uint32
	n, _, _ := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetConsoleProcessList").
		Call(uintptr(unsafe.Pointer(&attached[0])), uintptr(len(attached)))
	if n == 1 {
		return []string{"serve", "--open"}
	}
	return []string{"--help"}
}

// systemLanguage is that of the person's Windows.
func systemLanguage() i18n.Lang {
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err == nil && len(names) > 0 && strings.HasPrefix(names[0], "ja") {
		return i18n.JA
	}
	return i18n.EN
}
