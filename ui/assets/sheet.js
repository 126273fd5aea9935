// Keys for the page that takes a filled sheet: one key an answer. Without this file
// the page is a form of radio buttons like any other.
"use strict";

for (const form of document.querySelectorAll("[data-sheet]")) {
  const rows = [...form.querySelectorAll("[data-sheet-row]")];
  const count = form.querySelector("[data-sheet-count]");
  const keys = (row) => [...row.querySelectorAll("[data-key]")];

  const tally = () => {
    const done = rows.filter((row) => keys(row).some((k) => k.checked && k.dataset.key !== "0")).length;
    count.textContent = `${done} / ${rows.length}`;
  };

  // Behind the last row comes the button that saves.
  const go = (i) => {
    if (i < 0) return;
    if (i >= rows.length) {
      form.querySelector("button[type=submit]").focus();
      return;
    }
    const all = keys(rows[i]);
    (all.find((k) => k.checked) ?? all[0]).focus({ preventScroll: true });
    rows[i].scrollIntoView({ block: "center" });
  };

  // Japanese keyboards may send full-width digits.
  const digit = (key) => (key === " " ? "0" : key.normalize("NFKC"));

  form.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-sheet-row]");
    const saving = event.target.matches("button[type=submit]");
    if ((!row && !saving) || event.ctrlKey || event.altKey || event.metaKey || event.target.type === "checkbox") return;
    const i = row ? rows.indexOf(row) : rows.length;
    const chosen = row && keys(row).find((k) => k.dataset.key === digit(event.key));
    if (chosen) {
      chosen.checked = true;
      tally();
      go(i + 1);
    } else if (event.key === "ArrowUp" || event.key === "Backspace") {
      go(i - 1);
    } else if (row && (event.key === "ArrowDown" || event.key === "Enter")) {
      go(i + 1);
    } else return;
    event.preventDefault();
  });
  form.addEventListener("change", tally);
  tally();

  // Whose words is on top once. Whoever has filled that in goes on with Enter.
  const above = [...form.querySelectorAll("input")].filter((x) => !x.closest("[data-sheet-row]") && x.type !== "hidden");
  for (const x of above) {
    x.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      go(0);
    });
  }
  const first = above.find((x) => x.type === "text" && x.value === "");
  if (document.querySelector("[data-focus]")) continue;
  if (first) first.focus();
  else go(0);
}
