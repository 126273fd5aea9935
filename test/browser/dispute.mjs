// Two companies with one number: both are known to two bodies, so neither counts
// until two operators have chosen the same side.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Region } from "./region.mjs";

const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export function dispute(browser, report) {
  return Region.walk("dispute", browser, report, async (region) => {
    const owner = await region.enter("owner", "owner");
    const rival = await region.enter("代表 002", "rival", { device: "desktop" });
    const operators = [await region.enter("operator", "operator", { device: "desktop" }), await region.enter("運営 じろう", "operator-2", { device: "desktop" })];
    const bodies = [await region.enter("代表 003", "body", { device: "desktop" }), await region.enter("代表 004", "body-2")];
    for (const body of bodies) await becomeBody(region, operators[0], body);
    await vouch(region, bodies[0], owner);
    await takeNumber(owner, rival);
    await vouch(region, bodies[1], rival);
    for (const side of [owner, rival]) await frozen(region, side);
    for (const operator of operators) await choose(region, operator, owner);
    await decided(region, owner, rival);
  });
}

const letters = /[A-Z0-9]{4}(?:[- ]?[A-Z0-9]{4}){3}/;

async function becomeBody(_, operator, eye) {
  await eye.page.goto(`${eye.org}/vouching`);
  if (await eye.page.getByRole("link", { name: eye.say("binding.vouch.new") }).count()) return;
  await eye.press("binding.become.make");
  const code = letters.exec(await eye.page.locator("#become ~ * code, section code").first().innerText())[0];
  await eye.look("code for the operator");
  await operator.page.goto("/operator/bodies");
  await operator.look("bodies");
  await operator.fill({ code });
  await operator.press("binding.body.allow.do");
  await operator.page.waitForLoadState();
}

async function vouch({ report }, body, eye) {
  await eye.page.goto(`${eye.org}/binding`);
  await eye.look("how we are known, not yet");
  await eye.press("binding.voucher.make");
  const code = letters.exec(await eye.page.locator("section code").first().innerText())[0];
  await eye.look("code for a body");
  await body.page.goto(`${body.org}/vouching`);
  await body.follow("binding.vouch.new");
  await body.look("vouch");
  await body.fill({ code });
  await body.press("binding.look");
  report.holds(`${body.part}: the body sees for whom it vouches`, await body.text(), eye.person.company);
  await body.look("vouch, the company");
  await body.fill({ reason: "会員名簿と照らし、代表者と会って話しました。" });
  await body.press("binding.vouch.do");
  await body.page.waitForLoadState();
  await body.look("vouched");
}

// takeNumber writes the number of another company into one's own.
async function takeNumber(owner, eye) {
  await owner.page.goto(`${owner.org}/company/edit`);
  owner.number = await owner.page.locator("[name=corporate_number]").inputValue();
  await eye.page.goto(`${eye.org}/company/edit`);
  await eye.fill({ corporate_number: owner.number });
  await eye.look("company, another number");
  await eye.press("org.save");
  await eye.page.waitForURL(/\/company$/);
  eye.report.same(`${eye.part}: nothing tells that the number is taken`, await eye.page.locator(".err, .notice-warn").count(), 0);
}

async function frozen({ report }, eye) {
  const other = { owner: "れいだい自動車部品", rival: "みほん精機" }[eye.part.split("-")[1]];
  await eye.page.goto(eye.org);
  await eye.look("home, number in dispute");
  await eye.page.goto(`${eye.org}/binding`);
  report.holds(`${eye.part}: it is frozen`, await eye.text(), eye.say("binding.title.frozen"));
  report.same(`${eye.part}: the other side is not named`, (await eye.text()).includes(other), false);
  const file = join(process.env.MINAMORI_WORK, `${eye.part}-登記の写し.png`);
  writeFileSync(file, Buffer.from(dot, "base64"));
  await eye.fill({ words: "登記の写しを添えます。この番号は当社のものです。" });
  await eye.page.locator("[name=paper]").setInputFiles(file);
  await eye.press("binding.case.do");
  await eye.page.waitForLoadState();
  await eye.look("dispute, stated");
}

async function choose({ report }, eye, owner) {
  await eye.page.goto("/operator/disputes");
  await eye.look("disputes");
  await eye.page.getByRole("link", { name: owner.number }).click();
  await eye.page.waitForURL(/\/operator\/disputes\/[a-z0-9]+$/);
  report.holds(`${eye.part}: both sides are heard`, await eye.text(), "登記の写しを添えます。");
  await eye.look("dispute, for an operator");
  const label = eye.page.locator("label", { hasText: owner.person.company }).locator("input[name=side]");
  await label.check({ force: true });
  await eye.press("binding.decide.do");
  await eye.page.waitForLoadState();
  await eye.look("dispute, chosen");
}

async function decided({ report }, owner, rival) {
  for (const [eye, title] of [[owner, "bound"], [rival, "claimed"]]) {
    await eye.page.goto(`${eye.org}/binding`);
    report.holds(`${eye.part}: after two operators it is ${title}`, await eye.text(), eye.say(`binding.title.${title}`));
    await eye.look("how we are known, decided");
    await eye.page.goto(`${eye.org}/journal`);
    await eye.look("journal");
  }
}
