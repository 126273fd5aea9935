// The worker behind emergency.js. Each scope has a cache of its own, named after
// it: logging out removes those of companies (app.js).
"use strict";

const scope = new URL(self.registration.scope).pathname;
const cacheName = "emergency " + scope;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("message", (event) => {
  const keep = event.data?.keep;
  if (!Array.isArray(keep)) return;
  event.waitUntil((async () => {
    const cache = await caches.open(cacheName);
    await cache.addAll(keep);
    const wanted = new Set(keep.map((url) => new URL(url, self.location).href));
    for (const old of await cache.keys()) if (!wanted.has(old.url)) await cache.delete(old);
    event.ports[0]?.postMessage("kept");
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const isPage = request.mode === "navigate" && url.pathname === scope;
  if (isPage || url.pathname.startsWith("/assets/")) event.respondWith(freshOrKept(request, isPage));
});

// Fresh when it can be had; what was kept when the network or the server is away.
async function freshOrKept(request, isPage) {
  const cache = await caches.open(cacheName);
  const kept = () => cache.match(request, { ignoreSearch: true, ignoreVary: true });
  try {
    const answer = await fetch(request);
    if (isPage && answer.ok && !answer.redirected) await cache.put(scope, answer.clone());
    return answer.status >= 500 ? (await kept()) ?? answer : answer;
  } catch {
    return (await kept()) ?? Response.error();
  }
}
