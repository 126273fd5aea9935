package assess

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

// csvFile is a result as a table for a spreadsheet.
func (rm *Room) csvFile(ctx context.Context, in packIn) (web.File, error) {
	v, err := rm.result(ctx, in)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: v.fileName() + ".csv", Type: "text/csv; charset=utf-8", Write: func(w io.Writer) error {
		return v.writeCSV(ctx, w)
	}}, nil
}

// fileName is ASCII, so that it survives every system it is sent through.
func (v ResultView) fileName() string { return v.Pack + "-" + string(dateOf(v.now)) }

// writeCSV begins with a mark of UTF-8: without it Excel reads Japanese as
// something else.
func (v ResultView) writeCSV(ctx context.Context, w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	line := func(cells ...string) { _, _ = out.WriteString(quoted(cells)) } // the error stays in out
	t := func(key string) string { return i18n.T(ctx, key) }
	line(t("assess.number"), t("assess.item"), t("assess.answer"), t("ui.areas.points"), t("assess.csv.evidence"),
		t("assess.memo"), t("assess.csv.day"), t("assess.csv.by"))
	for _, row := range v.Rows {
		cells := []string{strconv.Itoa(row.Number), cell(row.Title), "", "", "", "", "", ""}
		if a := row.Answer; a != nil {
			cells[2], cells[5], cells[6], cells[7] = cell(a.Word), cell(a.Memo), i18n.ISO(a.At), cell(a.author(ctx))
			if !v.pledge() {
				cells[3] = strconv.Itoa(row.Points)
			}
		}
		if row.Evidence {
			cells[4] = t("assess.csv.yes")
		}
		line(cells...)
	}
	total := ""
	if !v.pledge() {
		total = strconv.Itoa(v.Points)
	}
	line("", t("ui.areas.total"), i18n.T(ctx, "ui.question.answered", "total", v.Items, "n", v.Answered), total, strconv.Itoa(v.Shown), "", i18n.ISO(v.now), "")
	line("", cell(v.Organisation), cell(v.Title+" "+v.Edition), "", "", cell(v.Statement), "", "")
	return out.Flush()
}

// quoted is a line of cells, each between quotes. encoding/csv quotes only what a
// comma would cut, and some spreadsheets cut at semicolons and tabs too: behind
// one a formula would begin a cell of its own.
func quoted(cells []string) string {
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
	}
	return b.String() + "\r\n"
}

// cell keeps a spreadsheet from running what somebody typed (threats T26): one
// mark stands before what it would take for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}
