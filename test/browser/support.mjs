// The operator's support: it sees nothing until a company lets it, and each look
// stands in the company's records.
import { Region } from "./region.mjs";

export function support(browser, report) {
  return Region.walk("support", browser, report, async (region) => {
    const operator = await region.enter("operator", "operator", { device: "desktop" });
    const owner = await region.enter("代表 002", "owner");
    await countsOnly(region, operator, owner);
    await call(region, owner);
    await look(region, operator, owner);
    await seen(region, owner);
    await over(region, operator, owner);
  });
}

async function countsOnly({ report }, eye, owner) {
  await eye.page.goto("/operator");
  await eye.look("operator");
  report.same(`${eye.part}: the operator's page names no company`, (await eye.text()).includes(owner.person.company), false);
  report.same(`${eye.part}: the operator has no page of a company`, (await eye.page.goto(owner.org)).status(), 404);
  eye.faults.length = 0;
  await eye.page.goto("/operator/support");
  report.same(`${eye.part}: nobody called yet`, (await eye.text()).includes(owner.person.company), false);
}

async function call(_, eye) {
  await eye.page.goto(`${eye.org}/helpers`);
  await eye.follow("helper.call");
  await eye.look("call support");
  await eye.page.locator("[name=parts][value=answers]").check({ force: true });
  await eye.page.locator("[name=hours][value='8']").check({ force: true });
  await eye.fill({ reason: "25問の結果の点が、思ったより低く見えます。" });
  await eye.press("helper.call.do");
  await eye.page.waitForURL(/\/helpers$/);
  await eye.look("helpers, support may look");
}

async function look({ report }, eye, owner) {
  await eye.page.goto("/operator/support");
  await eye.look("companies that called");
  await eye.page.getByRole("link", { name: owner.person.company }).click();
  await eye.page.waitForURL(/\/operator\/support\/[a-z0-9]+$/);
  eye.grant = eye.path();
  await eye.look("company that called");
  await eye.page.goto(`${eye.grant}/frameworks/self-diagnosis-25/items/1`);
  await eye.look("one answer, for support");
  report.same(`${eye.part}: support leaves no advice`, await eye.page.locator("[name=advice]").count(), 0);
}

async function seen({ report }, eye) {
  await eye.page.goto(`${eye.org}/helpers`);
  await eye.page.getByRole("link", { name: eye.say("helper.support.who"), exact: true }).first().click();
  await eye.page.waitForURL(/\/helpers\/[a-z0-9]+$/);
  for (const page of ["overview", "item"]) report.holds(`${eye.part}: support's look at “${page}” is shown`, await eye.text(), eye.say(`helper.page.${page}`));
  await eye.look("what support looked at");
  await eye.page.goto(`${eye.org}/journal`);
  report.holds(`${eye.part}: and stands in the journal`, await eye.text(), eye.say("journal.verb.helper.support-looked"));
}

async function over({ report }, eye, owner) {
  await owner.page.goto(`${owner.org}/helpers`);
  await owner.page.locator("form[action$=revoke] button").first().click();
  await owner.page.waitForURL(/\/helpers$/);
  report.same(`${eye.part}: one click of the company ends the look`, (await eye.page.goto(eye.grant)).status(), 404);
  eye.faults.length = 0;
}
