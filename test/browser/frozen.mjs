// A frozen snapshot of ★3: a specialist confirms what he saw of it, the owner swears
// to it, and not a letter of it changes by that.
import { keepCodes, makePasskey } from "./entry.mjs";
import { link } from "./region.mjs";
import { prove, unsaid } from "./star3.mjs";

const specialist = { name: "確認 みのる", email: "minoru@example.jp", organisation: "みほん監査事務所" };
const scope = "本社と第一工場。倉庫は含みません。";
const advice = "台帳に、確かめた日を残してください。";
const groups = 2; // of the criteria that the specialist looks at

export async function freeze(region, eye) {
  await snapshot(region, eye);
  const seat = await accept(region, await invite(region, eye));
  await look(region, seat);
  await confirm(region, seat);
  await companySees(region, eye);
  await swear(region, eye);
  await afterwards(region, eye);
}

const digest = (eye) => eye.page.locator("section:has(#proof) code, #proof code").first().innerText();

async function snapshot({ report }, eye) {
  await eye.page.goto(`${eye.org}/snapshots`);
  await eye.look("snapshots");
  await eye.follow("review.new");
  await eye.page.waitForURL(/\/snapshots\/new$/);
  await eye.look("freeze");
  await eye.page.locator("[name=framework][value=scs-star3-2026]").check({ force: true });
  await eye.fill({ scope });
  await eye.press("review.new.do");
  await eye.page.waitForURL(/\/snapshots\/[a-z0-9]{20,}$/);
  eye.snapshot = eye.path();
  eye.digest = await digest(eye);
  report.check(`${eye.part}: the snapshot has a digest`, /^[0-9a-f ]{64,}$/i.test(eye.digest) ? "" : eye.digest);
  report.holds(`${eye.part}: and its scope`, await eye.text(), scope);
  await eye.look("snapshot, frozen");
}

async function invite({ house }, eye) {
  await prove(eye, `${eye.snapshot}/specialists/new`);
  await eye.look("invite a specialist");
  await eye.fill({ email: specialist.email, words: "規程と台帳を中心に見てください。" });
  await eye.page.locator("[name=files]").check({ force: true });
  await eye.press("review.invite.do");
  await eye.page.waitForURL((url) => url.pathname === eye.snapshot);
  await eye.look("snapshot, a specialist invited");
  return link(await house.letterTo(specialist.email), "/review-invitations/");
}

async function accept(region, url) {
  const eye = await region.open("specialist", { device: "desktop" });
  eye.never = unsaid;
  await eye.page.goto(url);
  await eye.look("invitation");
  await eye.follow("org.invitation.new");
  await eye.fill({ name: specialist.name, email: specialist.email });
  await eye.press("account.go-on");
  await eye.page.waitForURL(/\/account\/ways/);
  await makePasskey(eye);
  await keepCodes(eye);
  await eye.page.waitForURL(/\/review-invitations\//);
  await eye.fill({ name: specialist.name, organisation: specialist.organisation });
  await eye.look("invitation, logged in");
  await eye.press("review.invitation.accept");
  await eye.page.waitForURL(/\/reviewing(\/|$)/);
  await eye.page.goto("/reviewing");
  await eye.look("snapshots to look at");
  await eye.page.locator("main h2 a").first().click();
  await eye.page.waitForURL(/\/reviewing\/[a-z0-9]{20,}$/);
  eye.seat = eye.path();
  return eye;
}

// look confirms the criteria of two parts, but for one, which gets advice.
async function look({ report }, eye) {
  await eye.look("snapshot, for the specialist");
  eye.confirmed = 0;
  for (let n = 0; n < groups; n++) {
    const form = eye.page.locator("form[action$=findings]").nth(n);
    const all = await form.locator("[name^='verdict.'][value=confirmed]").all();
    for (const one of all) await one.check({ force: true });
    eye.confirmed += all.length;
    if (n === 0) {
      await form.locator("[name^='verdict.'][value=not_confirmed]").first().check({ force: true });
      await form.locator("[name^='advice.']").first().fill(advice);
      eye.confirmed--;
    }
    await form.locator("button").last().click();
    await eye.page.waitForLoadState();
  }
  report.same(`${eye.part}: what was found so far is kept`, await eye.page.locator("[name^='verdict.'][value=confirmed]:checked").count(), eye.confirmed);
  await eye.look("snapshot, looked at in part");
  const file = eye.page.locator("a[download][href*='/evidence/']").first();
  if (await file.count()) {
    const answer = await eye.context.request.get(await file.getAttribute("href"));
    report.same(`${eye.part}: a specialist may open the files that the owner shows`, answer.status(), 200);
  }
  const company = await eye.context.request.get(`/orgs/${eye.seat.split("/").at(-1)}`);
  report.same(`${eye.part}: and nothing else of the company`, company.status(), 404);
}

async function confirm({ report }, eye) {
  await eye.page.goto(`${eye.seat}/confirm`);
  await eye.look("confirm");
  await eye.press("review.confirm.do");
  report.check(`${eye.part}: without number and tie nothing is confirmed`, (await eye.page.locator("[aria-invalid=true], .err").count()) ? "" : "no word about it");
  await eye.look("confirm, half filled in", { status: 422 });
  await eye.page.locator("[name=qualification][value=riss]").check({ force: true });
  await eye.page.locator("[name=tie][value=paid]").check({ force: true });
  await eye.fill({ name: specialist.name, number: "第999997号（架空）", looked: "規程2点と台帳1点を読み、1時間話を聞きました。" });
  await eye.press("review.confirm.do");
  await eye.page.waitForURL((url) => url.pathname === eye.seat);
  await eye.look("snapshot, confirmed");
}

async function companySees({ report }, eye) {
  await eye.page.goto(eye.snapshot);
  for (const key of ["review.unchecked", "review.tie.paid"]) report.holds(`${eye.part}: the company is told: ${key}`, await eye.text(), eye.say(key));
  for (const more of await eye.page.locator("main details summary").all()) await more.click();
  report.holds(`${eye.part}: the advice stands with its criterion`, await eye.text(), advice);
  report.same(`${eye.part}: a confirmation changes nothing of the snapshot`, await digest(eye), eye.digest);
  await eye.look("snapshot, confirmed in part");
}

async function swear({ report }, eye) {
  await prove(eye, `${eye.snapshot}/oath`);
  report.holds(`${eye.part}: before the oath it is said again that nobody checked the qualification`, await eye.text(), eye.say("review.unchecked"));
  await eye.look("oath");
  await eye.press("review.oath.do");
  report.same(`${eye.part}: nobody swears to what he has not read`, await eye.page.locator("#f-read-e").count(), 1);
  await eye.look("oath, not read", { status: 422 });
  await eye.page.locator("[name=read]").check({ force: true });
  await eye.press("review.oath.do");
  await eye.page.waitForURL((url) => url.pathname === eye.snapshot);
  report.holds(`${eye.part}: the oath is recorded`, await eye.text(), eye.say("review.lead.sworn").slice(0, 20));
  report.same(`${eye.part}: an oath changes nothing of the snapshot`, await digest(eye), eye.digest);
  await eye.look("snapshot, sworn to");
}

// afterwards: an answer that changes later leaves the snapshot as it was, and the
// third of the three lines names who looked.
async function afterwards({ report }, eye) {
  await eye.page.goto(`${eye.org}/frameworks/scs-star3-2026/items/1-3-1-2`);
  await eye.page.locator("input[name=answer][value=partly]").check({ force: true });
  await eye.press("ui.question.save");
  await eye.page.goto(eye.snapshot);
  report.same(`${eye.part}: later answers change nothing of the snapshot`, await digest(eye), eye.digest);
  await eye.page.goto(`${eye.snapshot}/print`);
  await eye.look("snapshot, paper");
  await eye.page.goto(`${eye.org}/stars/star3`);
  report.holds(`${eye.part}: the page of ★3 says that a specialist looked`, await eye.text(), "専門家が確定版");
  await eye.look("★3, a snapshot confirmed");
  await eye.page.goto(`${eye.org}/board`);
  report.holds(`${eye.part}: the board's third line counts what a third party looked at`, await eye.page.locator("dl.three > div").last().innerText(), "第三者が確かめました");
  await eye.look("board, three lines");
}
