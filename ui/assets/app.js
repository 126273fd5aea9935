// Small helps for browsers with JavaScript. Every page works without this file.
"use strict";

// A form that came back with errors: bring the reader to the summary.
document.querySelector("[data-focus]")?.focus();

// Saving a choice at once must not send the file that was picked below it.
document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (sourceElement.matches("form")) return;
  for (const [name, value] of [...request.body]) {
    if (value instanceof File) request.body.delete(name);
  }
});

// What could not be saved is said in place; what was chosen stays on the page.
function sayUnsaved(event) {
  const target = event.detail.ctx?.target;
  const words = target && document.querySelector(`template[data-unsaved-for="${target.id}"]`);
  if (!words) return false;
  target.replaceChildren(words.content.cloneNode(true));
  return true;
}
document.addEventListener("htmx:error", sayUnsaved);
document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response.status >= 400 && sayUnsaved(event)) event.preventDefault();
});

// A menu closes with Escape and when the reader goes elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.who[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  const open = document.querySelector("details.who[open]");
  if (open && !open.contains(event.target)) open.open = false;
});

// Printing is a button only where it can work.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Whoever logs out leaves no company's numbers for emergencies on the device.
document.addEventListener("submit", async (event) => {
  if (!event.target.matches('form[action="/logout"]') || !("caches" in window)) return;
  event.preventDefault();
  for (const name of await caches.keys()) if (name.startsWith("emergency /orgs/")) await caches.delete(name);
  event.target.submit();
});
