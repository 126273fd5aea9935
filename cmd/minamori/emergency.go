package main

import (
	"net/http"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/emergency"
	"github.com/minamori-project/minamori/ui"
)

// emergencies builds the room for the moment when something is wrong.
func (h *House) emergencies() (*emergency.Room, error) {
	contacts, err := emergency.LoadContacts(content.Emergency())
	return emergency.New(emergency.Config{DB: h.DB, Now: h.now, Contacts: contacts}), err
}

// emergencyWorker serves the script that keeps the page on a device. It lies at
// the root, because a worker may only look after what lies below it.
func emergencyWorker(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, ui.AssetFS, "assets/emergency-worker.js")
}

// emergencyLink stands at the foot of every page.
func emergencyLink(home string) ui.Link {
	return ui.Link{Label: ui.T("menu.emergency"), URL: home + "/emergency"}
}
