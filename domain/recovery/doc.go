// Package recovery gives a company an owner again when the last one is gone, and
// keeps that from becoming a way to take a company over (threats T22).
//
// Words: the sealed code (封をした紙の鍵) is printed, closed and kept in the safe.
// A Case is somebody who became or asks to become the owner, by the sealed code or
// by a letter to the registered address.
//
// Rules: the sealed code has 100 bits, is kept as a hash, is shown once, works
// once and at once; every member is told, and whoever was an owner before can undo
// it for 14 days, even when he was removed since. Without it, a request by number
// waits until the code of a letter to the registered address is entered. Until
// then nothing happens, since anybody may state a number. Then every member is
// told, sharing is paused for 14 days, one click of any owner ends it, and two
// operators must approve, neither of whom asks for himself. A day counts when the
// service ran on it, and 14 days must also have passed by the clock: a clock that
// jumps shortens nothing. No answer tells whether a number is known.
//
// Neighbours: org for owners and pauses. Mail comes in as a function.
//
// It does not write the letter: an operator or a named body posts it. gBizID is
// not built yet; it would stand in for the letter.
package recovery
