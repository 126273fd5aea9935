package blob

import (
	"bytes"
	"net/http"
	"path"
	"strings"
)

const (
	unknownType = "application/octet-stream"
	// headSize is how much http.DetectContentType looks at.
	headSize = 512
)

// classify reads the type of a content from its beginning. The name only says
// which kind of zip or of text it is, never that it is harmless.
func classify(name string, head []byte, macro bool) (mediaType string, active bool) {
	ext := strings.ToLower(path.Ext(name))
	mediaType, _, _ = strings.Cut(http.DetectContentType(head), ";")
	switch {
	case program(head):
		return unknownType, true
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")): // old office: may hold macros, and we do not parse
		mediaType, active = "application/x-ole-storage", true
	case mediaType == "application/zip" && office[ext] != "":
		mediaType = office[ext]
	case mediaType == "text/plain" && plain[ext] != "":
		mediaType = plain[ext]
	case markup(head):
		mediaType, active = "text/html", true
	}
	if mediaType == "text/xml" && bytes.Contains(bytes.ToLower(head), []byte("<svg")) || ext == ".svg" || ext == ".svgz" {
		mediaType, active = "image/svg+xml", true
	}
	return mediaType, active || macro || runs[mediaType] || runs[ext]
}

// program finds executables of the usual systems and scripts by their first bytes.
func program(head []byte) bool {
	for _, magic := range []string{"MZ", "\x7fELF", "\xca\xfe\xba\xbe", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "#!", "L\x00\x00\x00\x01\x14\x02\x00"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// markup finds pages that hide behind another beginning.
func markup(head []byte) bool {
	low := bytes.ToLower(head)
	for _, tag := range []string{"<script", "<html", "<iframe", "<!doctype html", "javascript:"} {
		if bytes.Contains(low, []byte(tag)) {
			return true
		}
	}
	return false
}

var office = map[string]string{
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".docm": "application/vnd.ms-word.document.macroEnabled.12",
	".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
	".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
	".odt":  "application/vnd.oasis.opendocument.text",
	".ods":  "application/vnd.oasis.opendocument.spreadsheet",
	".odp":  "application/vnd.oasis.opendocument.presentation",
}

var plain = map[string]string{".csv": "text/csv", ".json": "application/json", ".md": "text/markdown"}

// runs are types and endings that can act when they are opened.
var runs = activeKinds(`text/html text/xml application/x-msdownload
	application/vnd.ms-word.document.macroEnabled.12 application/vnd.ms-excel.sheet.macroEnabled.12
	application/vnd.ms-powerpoint.presentation.macroEnabled.12
	.html .htm .xhtml .xht .mht .mhtml .shtml .xml .xsl .xslt .hta .chm .swf .url .webloc .desktop .lnk .library-ms .settingcontent-ms
	.js .mjs .jse .vbs .vbe .wsf .wsh .ps1 .psm1 .bat .cmd .sh .py .rb .pl .php .jar .class .reg .inf .scf
	.exe .dll .com .scr .pif .cpl .msi .msp .msc .app .dmg .pkg .deb .rpm .apk .appx .msix .iso .img .vhd .vhdx
	.doc .dot .xls .xlt .xla .ppt .pot .docm .dotm .xlsm .xltm .xlsb .xlam .xll .pptm .potm .ppam .ppsm .sldm .slk .iqy .one .rtf`)

func activeKinds(list string) map[string]bool {
	m := map[string]bool{}
	for _, k := range strings.Fields(list) {
		m[k] = true
	}
	return m
}

// finder looks for the names of macros and scripts in a content that passes by
// in pieces. A zip holds the names of its members in the clear, and so do most
// PDFs their actions; one that hides them is not found.
type finder struct {
	found bool
	tail  []byte
}

// signs are what finder looks for; no sign is longer than signSize.
var signs = [][]byte{[]byte("vbaProject.bin"), []byte("Basic/Standard/"), []byte("/JavaScript"), []byte("/Launch")}

const signSize = 16

func (f *finder) look(p []byte) {
	if f.found {
		return
	}
	seam := append(f.tail, p[:min(len(p), signSize)]...)
	for _, sign := range signs {
		if bytes.Contains(seam, sign) || bytes.Contains(p, sign) {
			f.found = true
			return
		}
	}
	all := p
	if len(p) < signSize {
		all = seam
	}
	f.tail = append([]byte(nil), all[max(0, len(all)-signSize):]...)
}
