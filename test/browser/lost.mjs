// An owner who lost the phone: back in at once with the sealed code, or by a
// letter and two operators; and an owner who is still there stops a takeover.
// That an unopposed case ends after 14 days is tried with a clock in
// domain/recovery: this process has the clock of the machine.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { giveDevice } from "./entry.mjs";
import { pages } from "./letter.mjs";
import { Region } from "./region.mjs";

const again = { name: "代表 001", email: "owner001-new@example.jp" };
const stranger = { name: "名乗る 太郎", email: "taro@example.com" };

export function lost(browser, report) {
  return Region.walk("lost", browser, report, async (region) => {
    await bySealedCode(region);
    const owner = await region.enter("代表 002", "other-owner");
    const asker = await askByLetter(region, owner);
    await letterArrives(region, asker);
    await stop(region, owner, asker);
  });
}

async function bySealedCode(region) {
  const { report } = region;
  const owner = await region.enter("owner", "owner");
  await owner.page.goto(`${owner.org}/recovery`);
  await owner.look("prepared or not");
  await owner.page.locator("form[action$='/recovery/code'] button").click();
  await owner.page.locator("#sealed-code").waitFor();
  const code = await owner.page.locator("#sealed-code").innerText();
  await owner.look("sealed code, made");
  const sheet = await saved(owner, "recovery.made.sheet", "sealed.pdf");
  report.same(`${owner.part}: the sealed code is printed on one page`, pages(sheet), "1");
  const heir = await region.open("returned");
  await giveDevice(heir);
  await heir.page.goto("/login");
  report.check(`${heir.part}: the login leads to whoever cannot get in`, (await heir.page.locator("a[href='/recovery']").count()) ? "" : "no link to /recovery");
  await heir.page.goto("/recovery");
  await heir.look("cannot get in");
  await heir.fill({ code: code.slice(0, -1) + (code.endsWith("2") ? "3" : "2") });
  await heir.press("recovery.sealed.next");
  await heir.look("sealed code, wrong", { status: 422 });
  await heir.fill({ code: code.toLowerCase() });
  await heir.press("recovery.sealed.next");
  await heir.look("sealed code, known");
  await newAccount(heir, again);
  await heir.page.waitForURL(/\/recovery\/take/);
  await heir.look("become the owner?");
  await heir.press("recovery.take.do");
  await heir.page.waitForURL(/\/orgs\/|\/recoveries\/|\/recovery/);
  await heir.page.goto(owner.org);
  report.same(`${heir.part}: with the sealed code the company opens at once`, heir.path(), owner.org);
  await heir.look("home, back in");
  await owner.page.goto(owner.org);
  report.holds(`${owner.part}: who was an owner before is told`, await owner.text(), owner.say("recovery.notice.done"));
  await owner.look("home, a new owner");
}

// newAccount makes one with a passkey on the way to something else.
async function newAccount(eye, who) {
  await eye.follow("recovery.door.new");
  await eye.fill({ name: who.name, email: who.email });
  await eye.press("account.go-on");
  await eye.page.waitForURL(/\/account\/ways/);
  await eye.press("account.passkey.make");
  await eye.page.waitForURL(/\/account\/codes/);
  await eye.press("account.codes.make");
  await eye.page.locator("#codes code").first().waitFor();
  await eye.follow("account.codes.kept");
}

async function saved(eye, button, name) {
  const download = eye.page.waitForEvent("download");
  await eye.press(button);
  const file = join(process.env.MINAMORI_WORK, name);
  await (await download).saveAs(file);
  spawnSync("pdftoppm", ["-png", "-r", "60", file, new URL(`shots/lost-${name.slice(0, -4)}`, import.meta.url).pathname]);
  return file;
}

// askByLetter states the number of a company and learns nothing by it.
async function askByLetter(region, owner) {
  const { report } = region;
  await owner.page.goto(`${owner.org}/company/edit`);
  const number = await owner.page.locator("[name=corporate_number]").inputValue();
  const eye = await region.open("asker");
  await giveDevice(eye);
  await eye.page.goto("/recovery");
  await eye.fill({ number });
  await eye.press("recovery.letter.do");
  await newAccount(eye, stranger);
  await eye.page.waitForURL(/\/recovery/);
  report.same(`${eye.part}: the number stays on the way over the new account`, await eye.page.locator("[name=number]").inputValue(), number);
  await eye.press("recovery.letter.do");
  await eye.page.waitForURL(/[a-z0-9]{20,}$/);
  report.same(`${eye.part}: whoever asks does not learn whose number it is`, (await eye.text()).includes(owner.person.company), false);
  await eye.look("case, waiting for the letter");
  eye.case = eye.path();
  eye.number = number;
  return eye;
}

// letterArrives: an operator prints and posts the letter; its code begins the notice.
async function letterArrives(region, asker) {
  const { report } = region;
  const operator = await region.enter("operator", "operator", { device: "desktop" });
  await operator.page.goto("/operator/recoveries");
  await operator.look("recoveries");
  await operator.page.locator("main tbody tr", { hasText: asker.number }).locator("a").click();
  await operator.page.waitForURL(/\/operator\/recoveries\/[a-z0-9]+$/);
  operator.case = operator.path();
  await operator.look("recovery, to be posted");
  await operator.fill({ addressee: "れいだい自動車部品株式会社 代表者", address: "〒100-0000 架空県見本市1-2-3" });
  const file = await saved(operator, "recovery.print.do", "recovery.pdf");
  await operator.page.goto(operator.case);
  await operator.press("recovery.print.sent");
  await operator.page.waitForLoadState();
  const text = spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).stdout;
  const code = /[A-Z0-9]{4}(?:-[A-Z0-9]{4}){2,}/.exec(text)?.[0];
  report.check(`${operator.part}: the letter carries a code`, code ? "" : text);
  await asker.page.goto(asker.case);
  await asker.fill({ code });
  await asker.press("recovery.case.prove");
  await asker.page.waitForLoadState();
  await asker.look("case, notice runs");
  for (const who of [operator, await region.enter("運営 じろう", "operator-2", { device: "desktop" })]) {
    await who.page.goto(operator.case);
    await who.press("recovery.approve.do");
    await who.page.waitForLoadState();
    await who.look("recovery, approved");
  }
}

async function stop({ report, house }, owner, asker) {
  const mail = await house.letterTo("owner002@example.jp");
  report.same(`${owner.part}: the mail says that there is something, not what`, mail.includes(stranger.name), false);
  await owner.page.goto(owner.org);
  await owner.look("home, somebody asks to be the owner");
  await owner.follow("recovery.notice.look");
  await owner.look("somebody asks to be the owner");
  await owner.press("recovery.stop");
  await owner.page.waitForLoadState();
  report.holds(`${owner.part}: one click of an owner ends it`, await owner.text(), owner.say("recovery.state.stopped"));
  await owner.look("stopped");
  await asker.page.goto(asker.case);
  report.holds(`${asker.part}: whoever asked is told`, await asker.text(), asker.say("recovery.state.stopped"));
  report.same(`${asker.part}: and has no page of the company`, (await asker.page.goto(owner.org)).status(), 404);
  asker.faults.length = 0;
}
