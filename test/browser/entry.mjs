// The two ways in: a passkey of the device, and a password with an app.
import { App } from "./secrets.mjs";

const password = "kasa to nagagutsu 7"; // an umbrella and boots

// giveDevice gives the browser a device that makes passkeys; credentials are
// passkeys that the reader's account has brought over from another device.
export async function giveDevice(eye, credentials = []) {
  await eye.devtools.send("WebAuthn.enable");
  const { authenticatorId } = await eye.devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  for (const credential of credentials) await eye.devtools.send("WebAuthn.addCredential", { authenticatorId, credential });
  eye.device = authenticatorId;
}

export async function passkeysOf(eye) {
  const { credentials } = await eye.devtools.send("WebAuthn.getCredentials", { authenticatorId: eye.device });
  return credentials;
}

export async function makePasskey(eye) {
  await giveDevice(eye);
  await eye.look("ways in");
  await eye.press("account.passkey.make");
  await eye.page.waitForURL(/\/account\/codes/);
}

// makePassword goes the way without a passkey. A wrong code is typed first.
export async function makePassword(eye) {
  const { page, report, part } = eye;
  await eye.look("ways in");
  if (!eye.js) report.holds(`${part}: a page without script says why there is no passkey`, await eye.text(), eye.say("account.passkey.script"));
  await eye.follow("account.passkey.cannot");
  await page.waitForURL(/\/account\/password/);
  await eye.look("password and app");
  const secret = await page.locator("#app-secret").innerText();
  await eye.fill({ password, code: "000000" });
  await eye.press("account.password.save");
  report.same(`${part}: a wrong code is said at its field`, await page.locator("#f-code").getAttribute("aria-invalid"), "true");
  report.same(`${part}: the app keeps its secret after a wrong code`, await page.locator("#app-secret").innerText(), secret);
  await eye.look("password and app, wrong code", { status: 422 });
  eye.app = new App(secret);
  await eye.fill({ password, code: await eye.app.code() });
  await eye.press("account.password.save");
  await page.waitForURL(/\/account\/codes/);
}

// keepCodes makes the recovery codes and notes them down.
export async function keepCodes(eye) {
  await eye.look("recovery codes, before");
  await eye.press("account.codes.make");
  eye.codes = await eye.page.locator("#codes code").allInnerTexts();
  eye.report.same(`${eye.part}: there are ten recovery codes`, eye.codes.length, 10);
  await eye.look("recovery codes");
  await eye.follow("account.codes.kept");
}

export async function logInByPasskey(eye) {
  await eye.press("account.login.passkey");
  await eye.page.waitForURL((url) => url.pathname !== "/login");
}

export async function logInByPassword(eye, email, code) {
  await eye.fill({ email, password, code });
  await eye.press("account.login.do");
}
