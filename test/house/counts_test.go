package house

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// overMany are the statements outside internal/count that add up rows of more than
// one company or person, each with the reason why no number about companies leaves
// by it. A statement is named by its file and a piece of its text.
var overMany = map[string]string{
	"cmd/minamori/helper.go: FROM org_organisation":                          "the operator's own figures of his installation (docs/security.md, T6)",
	"domain/assess/progress.go: FROM assess_answer":                          "how far each of the companies named is, for staff whom it consented to",
	"domain/org/circle.go: FROM org_circle_member n":                         "how many belong to a circle, to its members, who see the list itself",
	"domain/recovery/recovery.go: FROM recovery_approval WHERE case_id = ?":  "how many operators approved one case",
	"domain/binding/bodyroutes.go: FROM binding_proof WHERE id = ?":          "whether a proof is the body's own",
	"domain/desk/case.go: FROM desk_case WHERE circle_id = ?":                "whether a number is taken in the circle's own list",
	"domain/desk/case.go: FROM desk_case WHERE company_id = ?":               "whether a company is claimed",
	"domain/webhook/deliver.go: FROM webhook_delivery WHERE endpoint_id = ?": "deliveries of one endpoint",
	"domain/helper/advice.go: FROM helper_advice WHERE grant_id = ?":         "advice under one grant",
	"domain/binding/dispute.go: FROM binding_paper WHERE side_id = ?":        "papers of one side",
}

var (
	adds = regexp.MustCompile(`(?i)\b(COUNT|SUM|AVG)\s*\(`)
	// scoped statements are about one company, one account or one key.
	scoped = regexp.MustCompile(`(?i)\b(org_id|account|account_id|to_account|invited_by|made_by|key|rp_id|circle_id = \? AND org_id) *= *\?`)
)

// Numbers about companies leave through internal/count alone (threats, rule 1).
// What adds up rows anywhere else is about one company, or stands in overMany.
func TestOnlyCountCountsCompanies(t *testing.T) {
	used := map[string]bool{}
	parse(t, func(file string, tree *ast.File, _ *token.FileSet) {
		if strings.HasSuffix(file, "_test.go") || !strings.HasPrefix(file, "cmd/") && !strings.HasPrefix(file, "domain/") {
			return
		}
		for _, statement := range statementsOf(tree) {
			if !adds.MatchString(statement) || scoped.MatchString(statement) || !strings.Contains(strings.ToUpper(statement), "FROM") {
				continue
			}
			reason := ""
			for known := range overMany {
				name, piece, _ := strings.Cut(known, ": ")
				if name == file && strings.Contains(flat(statement), piece) {
					reason, used[known] = overMany[known], true
				}
			}
			if reason == "" {
				t.Errorf("%s adds up rows of many: through internal/count, or with a reason in overMany:\n\t%s", file, flat(statement))
			}
		}
	})
	for known := range overMany {
		if !used[known] {
			t.Errorf("overMany names %q, which is not there any more", known)
		}
	}
}

func TestOnlyCountCountsCompaniesCanFail(t *testing.T) {
	for statement, bad := range map[string]bool{
		"SELECT COUNT(*) FROM assess_answer WHERE choice = ?":            true,
		"SELECT industry, SUM(points) FROM assess_result GROUP BY pack":  true,
		"SELECT COUNT(*) FROM assess_answer WHERE org_id = ? AND pack=?": false,
	} {
		if found := adds.MatchString(statement) && !scoped.MatchString(statement); found != bad {
			t.Errorf("%q: found %v", statement, found)
		}
	}
}

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// statementsOf are the texts of a file that could be SQL; pieces joined by + count
// as one.
func statementsOf(tree *ast.File) (all []string) {
	ast.Inspect(tree, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		if text, isText := joined(e); isText && text != "" {
			all = append(all, text)
			return false
		}
		return true
	})
	return all
}

// joined is the text of a literal or of a sum with literals in it.
func joined(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			a, okA := joined(e.X)
			b, okB := joined(e.Y)
			return a + " " + b, okA || okB
		}
	}
	return "", false
}
