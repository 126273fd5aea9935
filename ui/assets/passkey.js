// Passkey ceremonies. The page says what it shows; this file only acts. Where
// passkeys cannot work the button stays hidden and the page says why.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// Browsers before 2025 do not read the JSON form of the options themselves.
function readOptions(options, making) {
  const P = window.PublicKeyCredential;
  if (making && P.parseCreationOptionsFromJSON) return P.parseCreationOptionsFromJSON(options);
  if (!making && P.parseRequestOptionsFromJSON) return P.parseRequestOptionsFromJSON(options);
  const read = { ...options, challenge: bytes(options.challenge) };
  if (read.user) read.user = { ...read.user, id: bytes(read.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (read[list]) read[list] = read[list].map((c) => ({ ...c, id: bytes(c.id) }));
  }
  return read;
}

function writeCredential(credential) {
  if (credential.toJSON) return credential.toJSON();
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
  };
}

async function post(path, body) {
  const answer = await fetch("/api/v1/passkeys/" + path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const json = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.title), { words: [json.title, json.hint].filter(Boolean).join(" ") });
  return json;
}

async function perform(place) {
  const { passkey: ceremony, next } = place.dataset;
  const making = ceremony === "register";
  const begun = await post(ceremony + "/begin", {});
  const publicKey = readOptions(begun.options.publicKey, making);
  const credential = making ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  const remember = document.querySelector("input[name=remember]")?.checked ?? false;
  const done = await post(ceremony + "/finish", { ceremony: begun.ceremony, credential: writeCredential(credential), next, remember });
  location.assign(done.next);
}

function wordsFor(error, data) {
  if (error.words) return error.words;
  if (error.name === "NotAllowedError" || error.name === "AbortError") return data.cancelled;
  if (error.name === "InvalidStateError") return data.exists;
  if (error.name === "SecurityError") return data.insecure;
  return data.failed;
}

for (const place of document.querySelectorAll("[data-passkey]")) {
  const act = place.querySelector("[data-passkey-act]");
  const say = place.querySelector("[data-passkey-say]");
  const button = act.querySelector("button");
  if (!window.isSecureContext) say.textContent = place.dataset.insecure;
  else if (!window.PublicKeyCredential) say.textContent = place.dataset.unsupported;
  else {
    act.hidden = false;
    say.textContent = "";
    button.addEventListener("click", async () => {
      button.disabled = true;
      say.textContent = place.dataset.wait;
      try {
        await perform(place);
      } catch (error) {
        say.textContent = wordsFor(error, place.dataset);
        button.disabled = false;
      }
    });
  }
}
