// Package house holds the rules of the house, as tests.
//
// Words: a wall says which package may import which; a rule is something a
// machine can see about the whole repository.
//
// Rules: each test here names the rule it keeps in its failure message, so that
// whoever breaks one learns why it exists.
//
// Neighbours: it reads the repository as files and through the go command, and
// the rooms' tables of routes.
//
// It does not test what the product does; the rooms do.
package house
