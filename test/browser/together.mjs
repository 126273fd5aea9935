// Several people, several companies: an invitation by mail, a group by code.
import { points } from "./answers.mjs";
import { keepCodes, makePassword } from "./entry.mjs";
import { score } from "./result.mjs";
import { registerCompany, visitor } from "./newcomer.mjs";

const colleague = { ja: { name: "葛城 さくら", email: "sakura@example.jp" }, en: { name: "Sakura Katsuragi", email: "sakura@example.jp" } };

export async function colleagueJoins(trip, eye) {
  const { report, way, org, house } = trip;
  const other = colleague[way.lang];
  await eye.page.goto(`${org}/people`);
  await eye.look("people");
  await eye.follow("org.invite.do");
  await eye.look("invite");
  await eye.fill({ email: other.email });
  await eye.page.locator("[name=role][value=member]").check({ force: true });
  await eye.press("org.invite.send");
  await eye.page.waitForURL(/\/people/);
  await eye.look("people, with an open invitation");
  const letter = await house.letterTo(other.email);
  const link = /http:\/\/localhost:\d+\/invitations\/\S+/.exec(letter)?.[0];
  report.check(`${way.name}: the letter carries the link`, link ? "" : letter);
  trip.friend = await accept(trip, link, other);
  await secondAnswer(trip, trip.friend);
  await eye.page.goto(`${org}/people`);
  report.holds(`${way.name}: the colleague is among the people`, await eye.text(), other.name);
  await eye.look("people, two of them");
}

async function accept(trip, link, other) {
  const { report, way, org } = trip;
  const eye = await visitor(trip);
  await eye.page.goto(link);
  await eye.look("invitation");
  await eye.follow("org.invitation.new");
  await eye.look("invited: my name");
  await eye.fill({ name: other.name, email: other.email });
  await eye.press("account.go-on");
  await eye.page.waitForURL(/\/account\/ways/);
  await makePassword(eye);
  await keepCodes(eye);
  await eye.page.waitForURL(/\/invitations\//);
  await eye.look("invitation, logged in");
  await eye.press("org.invitation.accept");
  await eye.page.waitForURL((url) => url.pathname === org);
  report.same(`${way.name}: the colleague is in the company`, eye.path(), org);
  const again = await eye.page.goto(link);
  report.check(`${way.name}: the invitation works once`, again.status() >= 400 ? "" : `status ${again.status()}`);
  await eye.look("invitation, used up", { status: again.status() });
  return eye;
}

// secondAnswer lets the colleague answer what was unknown: four points instead
// of minus one.
async function secondAnswer(trip, eye) {
  const { report, way } = trip;
  await eye.page.goto(trip.result.replace(/result$/, "items/5"));
  await eye.page.locator("input[name=answer][value=done]").check({ force: true });
  if (eye.js) await eye.page.locator("#saved .st").waitFor();
  await eye.press("ui.question.save");
  await eye.page.goto(trip.result);
  report.same(`${way.name}: the colleague's answer counts`, await score(eye.page), String(points + 5));
  report.holds(`${way.name}: the result names the colleague`, await eye.text(), colleague[way.lang].name);
  await eye.look("result, by two people");
  const refused = await eye.page.goto(`${trip.org}/invitations/new`);
  report.same(`${way.name}: a member may not invite`, refused.status(), 403);
  await eye.look("not allowed", { status: 403 });
}

export async function groupForms(trip, eye) {
  const { report, way, org } = trip;
  await eye.page.goto(`${org}/circles`);
  await eye.look("groups, none yet");
  await eye.follow("org.circle.new");
  await eye.look("new group");
  const name = way.lang === "ja" ? "みほん金属の集まり" : "Sample metal works";
  await eye.fill({ name });
  await eye.page.locator("[name=kind][value=industry]").check({ force: true });
  await eye.press("org.circle.new");
  await eye.page.waitForURL(/\/circles\/[a-z0-9]{20,}/);
  await eye.press("org.circle.code.make");
  const code = await eye.page.locator("#codes ~ * code, section code").first().innerText();
  await eye.look("group, with a code");
  await secondCompany(trip, code, name);
  await eye.page.reload();
  report.same(`${way.name}: two companies are in the group`, await eye.page.locator("main tbody tr").count(), 2);
  await eye.look("group, two companies");
}

async function secondCompany(trip, code, name) {
  const { report, way, friend: eye } = trip;
  await eye.page.goto("/orgs/new");
  const own = { ...trip, serial: trip.serial + 10, person: { company: way.lang === "ja" ? "葛󠄀城製図合同会社" : "Katsuragi Drawings" } };
  await registerCompany(own, eye);
  await eye.page.goto(`${own.org}/circles`);
  await eye.follow("org.circle.join");
  await eye.look("join a group");
  await eye.fill({ code: "WRONG-CODE" });
  await eye.press("org.circle.join");
  await eye.look("join a group, wrong code", { status: 422 });
  await eye.fill({ code });
  await eye.press("org.circle.join");
  await eye.page.waitForURL(/\/circles\/[a-z0-9]{20,}/);
  report.holds(`${way.name}: the second company is in the group`, await eye.text(), name);
  await eye.look("group, joined");
  await eye.close();
}
