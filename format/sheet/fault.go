package sheet

import "errors"

// Fault is why a file is not read.
type Fault string

// The faults.
const (
	Large    Fault = "large"    // more bytes than MaxFile, or than MaxUnpacked within
	Old      Fault = "old"      // .xls, or .xlsx behind a password
	Kind     Fault = "kind"     // no table at all
	Broken   Fault = "broken"   // cannot be unpacked or understood
	Rows     Fault = "rows"     // more rows, cells or text than may be read
	Encoding Fault = "encoding" // a table of text in no known encoding
	Slow     Fault = "slow"     // took longer than reading may take
	Macros   Fault = "macros"   // holds a program
)

// Error names the fault.
func (f Fault) Error() string { return "sheet: " + string(f) }

// FaultOf is the fault in an error, or "".
func FaultOf(err error) Fault {
	var f Fault
	if errors.As(err, &f) {
		return f
	}
	return ""
}
