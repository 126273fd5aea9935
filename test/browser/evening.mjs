// An evening's way to two stars, on a phone: a letter becomes an account and a
// company, 25 answers become a policy that its owner approves and publishes, and
// what IPA's system gave back is written down.
import { answerAll } from "./answers.mjs";
import { giveDevice } from "./entry.mjs";
import { claim, letterOf, openDesk } from "./letter.mjs";
import { Region, today } from "./region.mjs";

const company = "みほん名簿 010";
const owner = { name: "皆川 まもる", email: "mamoru@example.jp" };
const policy = "情報セキュリティ基本方針";
const id = "50000012345";

export function evening(browser, report) {
  return Region.walk("evening", browser, report, async (region) => {
    const eye = await arrive(region);
    await diagnose(region, eye);
    await draft(region, eye);
    await approve(region, eye);
    await publish(region, eye);
    await anybodyReads(region, eye);
    await ready(region, eye);
    await record(region, eye);
    await seen(region, eye);
    await withoutScript(region, eye);
  });
}

// arrive opens account and company by the letter of a body that may vouch: so it
// is known who speaks for the company before anything of it is published.
async function arrive(region) {
  const clerk = await region.enter("代表 003", "clerk", { device: "desktop" });
  await openDesk(region, clerk);
  const letter = await letterOf(region, clerk, company);
  const eye = await region.open("owner");
  eye.never = [/宣言しています/, /宣言しました/];
  await giveDevice(eye);
  await claim(eye, letter.url, owner, { look: (name) => eye.look(name) });
  eye.proven = Date.now();
  await eye.page.goto(`${eye.org}/stars`);
  await eye.look("ways to a star, nothing yet");
  await eye.page.goto(`${eye.org}/stars/security-action`);
  region.report.same(`${eye.part}: the company is not ready before it has done anything`, (await eye.text()).includes(eye.say("star.say.ready.2")), false);
  await eye.look("two stars, nothing yet");
  return eye;
}

async function diagnose({ report, part }, eye) {
  await eye.page.goto(eye.org);
  await eye.look("home, nothing answered");
  const resume = async () => {
    await eye.page.goto(eye.org);
    await eye.follow("assess.go-on");
    return eye.path();
  };
  await answerAll({ report, org: eye.org, way: { name: part }, resume }, eye);
  await eye.look("result");
}

// draft has the policy written from the answers; only the name of its
// representative is missing.
async function draft({ report }, eye) {
  await eye.page.goto(`${eye.org}/policies`);
  await eye.look("policies, none yet");
  await eye.press("policy.start", { title: policy });
  await eye.page.waitForURL(/\/policies\/[a-z0-9]{20,}$/);
  eye.policy = eye.path();
  await eye.look("policy, written from the answers");
  report.same(`${eye.part}: without a representative it cannot be approved`, await eye.page.getByRole("link", { name: eye.say("policy.approve"), exact: true }).count(), 0);
  await eye.page.getByRole("link", { name: eye.say("policy.settings"), exact: true }).first().click();
  await eye.page.waitForURL(/\/settings$/);
  await eye.look("policy, names");
  await eye.fill({ "values.representative_title": "代表取締役", "values.representative": owner.name });
  await eye.press("policy.settings.save");
  await eye.page.waitForURL((url) => url.pathname === eye.policy);
  report.holds(`${eye.part}: the representative stands in the text`, await eye.text(), owner.name);
  await eye.look("policy, ready to be approved");
}

// approve waits until the login is older than five minutes: an owner's act asks
// anew who is there.
async function approve({ report }, eye) {
  await eye.page.waitForTimeout(Math.max(0, eye.proven + 301_000 - Date.now()));
  await eye.follow("policy.approve");
  await eye.page.waitForURL(/\/step-up/);
  await eye.look("is it you?");
  await eye.press("account.stepup.passkey");
  await eye.page.waitForURL(/\/approve$/);
  await eye.look("policy, approve?");
  await eye.press("policy.approve.do");
  await eye.page.waitForURL((url) => url.pathname === eye.policy);
  report.holds(`${eye.part}: who approved stands with the version`, await eye.page.locator("#versions, section:has(#versions)").first().innerText(), owner.name);
  await eye.look("policy, approved");
  await eye.page.goto(`${eye.org}/stars/security-action`);
  report.same(`${eye.part}: approved is not yet public`, (await eye.text()).includes(eye.say("star.say.ready.2")), false);
  await eye.page.goto(eye.policy);
}

async function publish({ report }, eye) {
  await eye.follow("policy.poster");
  await eye.look("policy, poster");
  await eye.page.goto(eye.policy);
  await eye.follow("policy.publish");
  await eye.page.waitForURL(/\/publish$/);
  await eye.look("policy, publish?");
  await eye.press("policy.publish.do");
  await eye.page.waitForURL((url) => url.pathname === eye.policy);
  eye.address = await eye.page.locator("#public-address").getAttribute("href");
  report.check(`${eye.part}: the policy has a public address`, /^\/policies\/[a-z0-9]{16}$/.test(eye.address) ? "" : eye.address);
  await eye.look("policy, public");
}

// anybodyReads opens the address as somebody who has no account here.
async function anybodyReads(region, owners) {
  for (const lang of ["ja", "easy", "en"]) {
    const eye = await region.open(`stranger-${lang}`, { lang, device: lang === "en" ? "desktop" : "phone" });
    eye.never = owners.never;
    await eye.page.goto(owners.address);
    region.report.holds(`${eye.part}: anybody reads the policy without an account`, await eye.text(), company);
    region.report.holds(`${eye.part}: and that nobody has checked it`, (await eye.page.locator("main").textContent()).replace(/\s+/g, " "), lang === "easy" ? "会社" : eye.say("policy.public.own"));
    await eye.look("public policy");
  }
}

async function ready({ report }, eye) {
  await eye.page.goto(`${eye.org}/stars`);
  report.holds(`${eye.part}: two stars are ready to be declared`, await eye.text(), eye.say("star.say.ready.2"));
  await eye.look("ways to a star, two stars ready");
  await eye.page.goto(`${eye.org}/stars/security-action`);
  report.same(`${eye.part}: the page says so in its heading`, await eye.page.locator("h1").innerText(), eye.say("star.say.ready.2"));
  await eye.look("two stars, ready");
  await eye.follow("star.sheet.see");
  await eye.page.waitForURL(/\/stars\/sheet$/);
  for (const text of [company, eye.address]) report.holds(`${eye.part}: the sheet to copy from has ${text}`, await eye.text(), text);
  await eye.look("sheet to copy from");
  await eye.page.emulateMedia({ media: "print" });
  await eye.page.screenshot({ path: new URL(`shots/${eye.part}-sheet-printed.jpg`, import.meta.url).pathname, fullPage: true });
  await eye.page.emulateMedia({ media: "screen" });
}

// record writes the ID down, with a digit too few first.
async function record({ report }, eye) {
  await eye.page.goto(`${eye.org}/stars/security-action`);
  await eye.follow("star.declare.open");
  await eye.page.waitForURL(/\/declarations\/new$/);
  await eye.look("declaration ID");
  await eye.page.locator("[name=stars][value='2']").check({ force: true });
  await eye.fill({ number: id.slice(0, 10), on: today() });
  await eye.press("star.declare.save");
  const said = eye.say("field.star-id-length", { n: 10 });
  report.same(`${eye.part}: ten digits are counted at the field`, (await eye.page.locator("#f-number-e").innerText()).trim(), said);
  for (const [name, value] of [["number", id.slice(0, 10)], ["on", today()]]) {
    report.same(`${eye.part}: what was typed as ${name} stays`, await eye.page.locator(`[name=${name}]`).inputValue(), value);
  }
  report.same(`${eye.part}: the star that was chosen stays`, await eye.page.locator("[name=stars][value='2']").isChecked(), true);
  await eye.look("declaration ID, ten digits", { status: 422 });
  await eye.page.goto(`${eye.org}/stars/security-action`);
  report.same(`${eye.part}: a wrong ID declares nothing`, await eye.page.locator("h1").innerText(), eye.say("star.say.ready.2"));
  await eye.page.goto(`${eye.org}/stars/declarations/new`);
  await eye.page.locator("[name=stars][value='2']").check({ force: true });
  await eye.fill({ number: id, on: today() });
  eye.never = [/認定され/, /取得しました/, /お墨付き/];
  await eye.press("star.declare.save");
  await eye.page.waitForURL(/\/security-action$/);
  report.same(`${eye.part}: with an ID the company says that it declares`, await eye.page.locator("h1").innerText(), eye.say("star.say.declared.2", { id }));
  report.holds(`${eye.part}: and that it is the company that says so`, await eye.text(), "会社がこう述べています");
  report.holds(`${eye.part}: nobody has looked at the list yet`, await eye.text(), eye.say("star.record.unseen"));
  await eye.look("two stars, declared");
}

async function seen({ report }, eye) {
  await eye.follow("star.record.see");
  await eye.page.waitForURL(/\/seen$/);
  await eye.fill({ on: today(1) });
  await eye.press("star.declare.save");
  await eye.look("seen in the list, tomorrow", { status: 422 });
  await eye.fill({ on: today() });
  await eye.press("star.declare.save");
  await eye.page.waitForURL(/\/security-action$/);
  report.holds(`${eye.part}: the day on which it was seen in the list is said`, await eye.text(), "に公式の一覧で確認しました");
  await eye.look("two stars, seen in the list");
  for (const [path, name] of [["/stars", "ways to a star, two stars declared"], ["", "home, two stars declared"], ["/journal", "journal"]]) {
    await eye.page.goto(eye.org + path);
    await eye.look(name);
  }
}

// withoutScript is the same owner in a browser that runs no script, who corrects the
// ID: what stood before stays in the history.
async function withoutScript(region, owners) {
  const eye = await region.open("owner-without-script", { js: false }), { report } = region, right = "50000054321";
  await eye.context.addCookies(await owners.context.cookies());
  eye.never = owners.never;
  for (const [path, name] of [[owners.policy, "policy"], [`${owners.org}/stars`, "ways to a star"], [`${owners.org}/stars/security-action`, "two stars"]]) {
    const answer = await eye.page.goto(path);
    report.same(`${eye.part}: ${name} is there`, answer.status(), 200);
    await eye.look(`${name}, without script`);
  }
  await eye.follow("star.record.change");
  await eye.page.waitForURL(/\/declarations\/new$/);
  await eye.page.locator("[name=stars][value='2']").check({ force: true });
  await eye.page.locator("[name=why][value=corrected]").check({ force: true });
  await eye.fill({ number: right.slice(0, 10), on: today() });
  await eye.press("star.declare.save");
  report.same(`${eye.part}: what was typed stays without script too`, await eye.page.locator("[name=number]").inputValue(), right.slice(0, 10));
  await eye.look("declaration ID, ten digits, without script", { status: 422 });
  await eye.fill({ number: right });
  await eye.press("star.declare.save");
  await eye.page.waitForURL(/\/security-action$/);
  report.same(`${eye.part}: the corrected ID stands`, await eye.page.locator("h1").innerText(), eye.say("star.say.declared.2", { id: right }));
  await eye.page.locator("details.more summary", { hasText: eye.say("star.past") }).click();
  report.holds(`${eye.part}: the earlier one stays in the history`, await eye.text(), id);
  await eye.look("two stars, corrected");
}
