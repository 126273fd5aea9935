// Keeps the page for emergencies on this device, so that it opens without a
// network. The worker touches nothing but this page and its assets.
"use strict";

(async () => {
  const page = document.querySelector("[data-keep-page]");
  if (!page || !("serviceWorker" in navigator)) return;
  try {
    const scope = location.pathname;
    const registration = await navigator.serviceWorker.register("/emergency-worker.js", { scope });
    const worker = registration.active ?? registration.waiting ?? registration.installing;
    if (worker.state !== "activated") {
      await new Promise((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done()));
    }
    const assets = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((e) => e.href || e.src);
    const icons = [...document.querySelectorAll("use")].map((e) => new URL(e.getAttribute("href"), location).pathname);
    const kept = new MessageChannel();
    kept.port1.onmessage = () => {
      for (const note of page.querySelectorAll("[data-kept]")) note.hidden = false;
    };
    worker.postMessage({ keep: [...new Set([scope, ...assets, ...icons])] }, [kept.port2]);
  } catch {
    // Without it the page is an ordinary page.
  }
})();
