// Past every page of a demo region, as each role and in each register.
import { Eye } from "./eye.mjs";
import { fillDemo, House } from "./house.mjs";

const packs = ["self-diagnosis-25", "security-action-articles-5", "security-action-articles-6"];
const ofAll = ["", "/people", "/company", "/circles", "/help", "/leave", ...packs.map((p) => `/frameworks/${p}`),
  `/frameworks/${packs[0]}/result`, `/frameworks/${packs[1]}/result`, `/frameworks/${packs[0]}/result/print`,
  `/frameworks/${packs[0]}/items/1`, `/frameworks/${packs[0]}/items/25`, `/frameworks/${packs[1]}/items/1`];
const ofManagers = ["/company/edit", "/sites/new", "/relations/new", "/invitations/new", "/circles/new", "/circles/join",
  "/journal", "/tokens", "/tokens/new"];
const mine = ["/orgs", "/orgs/new", "/account", "/account/email", "/account/ways", "/account/password", "/account/codes", "/step-up"];

const walks = [
  { lang: "ja", role: "owner", width: 1280, pages: [...ofAll, ...ofManagers, "/invitations/owner"], own: mine },
  { lang: "easy", role: "manager", width: 390, pages: [...ofAll, ...ofManagers], own: mine },
  { lang: "en", role: "viewer", width: 390, pages: ofAll, own: mine },
  { lang: "en", role: "manager", width: 1280, pages: ofManagers, own: [] },
  { lang: "easy", role: "operator", width: 1280, pages: [], own: ["/orgs", "/account"] },
];

export async function tour(browser, report) {
  const people = fillDemo("demo", 40);
  const house = await House.open("demo");
  for (const walk of walks) await walkAs(browser, report, house, people, walk);
  report.same("demo: the server stops in order", await house.close(), 0);
  report.check("demo: the server's log has no error", house.log.split("\n").filter((l) => l.includes('"ERROR"')).join("\n"));
}

async function walkAs(browser, report, house, people, walk) {
  const person = people.find((p) => p.role === walk.role);
  const part = `demo-${walk.lang}-${walk.role}`;
  const eye = await Eye.open(browser, report, house.ready, {
    part, lang: walk.lang, js: true, viewport: { width: walk.width, height: 800 }, languageCookie: walk.lang === "easy" ? "ja-x-easy" : walk.lang,
  });
  if (walk.own === mine) for (const path of ["/", "/login", "/demo"]) await visit(eye, path);
  else await eye.page.goto("/demo");
  await eye.page.locator(`[name=account][value="${person.account}"]`).locator("xpath=ancestor::form").locator("button").click();
  await eye.page.waitForURL((url) => url.pathname !== "/demo");
  for (const path of walk.own) await visit(eye, path);
  for (const path of walk.pages) await visit(eye, `/orgs/${person.org}${path}`, path || "/home");
  if (person.org) await deeper(eye, person);
  await eye.close();
}

// deeper follows to what has a name of its own: one group, one colleague.
async function deeper(eye, person) {
  for (const list of ["circles", "people"]) {
    await eye.page.goto(`/orgs/${person.org}/${list}`);
    const link = eye.page.locator("main tbody a").first();
    if ((await link.count()) === 0) continue;
    await visit(eye, await link.getAttribute("href"), `/${list}/one`);
  }
}

async function visit(eye, path, name = path) {
  const answer = await eye.page.goto(path);
  eye.report.same(`${eye.part}: ${name} is there`, answer.status(), 200);
  await eye.look(name === "/" ? "start" : name.slice(1));
}
