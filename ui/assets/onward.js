// Pages that only lead on do not wait for a press. They work without this file.
"use strict";

const link = document.querySelector("a[data-onward]");
if (link) location.replace(link.href);
document.querySelector("form[data-onward]")?.requestSubmit();
