// Package node keeps the nodes of one installation alike.
//
// Words: a node is a process that serves. What all of them must have alike is
// written down by the first one; the others compare. Today that is the
// fingerprint of the installation's key: a node with another key could open
// neither the secrets of apps nor anybody's links, and people would meet faults
// whenever the proxy leads them there.
//
// Rules: a difference is a refusal to start, with a hint. Only a command of the
// operator writes it down anew (Accept), when the old key is lost for good.
//
// Neighbours: db, problem.
//
// It does not share the key, and it does not know which nodes live: job does.
package node
