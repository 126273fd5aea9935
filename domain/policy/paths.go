package policy

import "strconv"

func listPath(org string) string               { return "/orgs/" + org + "/policies" }
func documentPath(org, document string) string { return listPath(org) + "/" + document }
func publicPath(public string) string          { return "/policies/" + public }

func versionPath(org, document string, number int) string {
	return documentPath(org, document) + "/versions/" + strconv.Itoa(number)
}
