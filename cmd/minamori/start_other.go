//go:build !windows

package main

import "github.com/minamori-project/minamori/internal/i18n"

// withoutArguments asks for help, as at any terminal.
func withoutArguments() []string { return []string{"--help"} }

// systemLanguage is English where the locale says nothing.
func systemLanguage() i18n.Lang { return i18n.EN }
