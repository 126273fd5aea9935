// A pair of eyes on a browser: looks at a page as people see it, and judges it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { say } from "./words.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
// What may differ between light and dark; everything else is looked at once.
const colourRules = ["color-contrast", "link-in-text-block"];
const shots = join(import.meta.dirname, "shots");

export class Eye {
  static count = new Map(); // per part, so that pictures lie in order
  static pace = 0; // milliseconds between two keys where somebody watches

  // who is a person with a browser of their own.
  // other is the width of a second device on which pictures are taken too.
  static async open(browser, report, base, { part, lang, js, viewport, other, languageCookie }) {
    const eye = new Eye();
    Object.assign(eye, { browser, report, base, part, lang, js, viewport, other, faults: [] });
    eye.context = await browser.newContext({
      baseURL: base, viewport, javaScriptEnabled: js, locale: lang === "en" ? "en-GB" : "ja-JP", colorScheme: "light",
      reducedMotion: "reduce", timezoneId: "Asia/Tokyo",
    });
    if (languageCookie) await eye.context.addCookies([{ name: "language", value: languageCookie, url: base }]);
    eye.page = await eye.context.newPage();
    eye.page.setDefaultTimeout(15000);
    eye.#listen();
    eye.devtools = await eye.context.newCDPSession(eye.page); // for passkeys
    return eye;
  }

  #listen() {
    this.page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.faults.push(`${message.type()}: ${message.text()}`);
    });
    this.page.on("pageerror", (error) => this.faults.push(`script: ${error.message}`));
    this.context.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(this.base + "/") && !url.startsWith("data:")) this.faults.push(`outside request: ${url}`);
    });
  }

  say(key, args) {
    return say(this.lang, key, args);
  }

  press(key, args) {
    return this.page.getByRole("button", { name: this.say(key, args), exact: true }).first().click();
  }

  // follow presses what looks like a way on: a link, also one dressed as a button.
  follow(key, args) {
    return this.page.getByRole("link", { name: this.say(key, args), exact: true }).first().click();
  }

  async fill(values) {
    for (const [name, value] of Object.entries(values)) await this.#type(this.page.locator(`[name="${name}"]`), value);
  }

  // type writes as a person does where somebody watches; a day is picked.
  async #type(field, value) {
    if (!Eye.pace || (await field.getAttribute("type")) === "date") return field.fill(value);
    await field.fill("");
    await field.pressSequentially(value, { delay: Eye.pace });
  }

  text() {
    return this.page.locator("main").innerText();
  }

  path() {
    return new URL(this.page.url()).pathname;
  }

  // look judges the page as it stands. A picture is kept in light and in dark.
  async look(name, { picture = true, narrow = this.other ? [320, 640, this.other] : [320], status, schemes = ["dark", "light"] } = {}) {
    await this.page.waitForLoadState("load");
    const seen = `${this.part}: ${name}`;
    if (Eye.pace) {
      await this.#read();
      [picture, narrow] = [false, []];
    }
    const widths = await this.#widths(narrow);
    if (picture) await this.#pictures(name, schemes);
    const judged = await this.#judged();
    await judged.emulateMedia({ colorScheme: "light" });
    const light = await this.#axe(judged);
    this.report.check(`${seen}: nothing for axe, light`, light);
    if (!Eye.pace) this.report.check(`${seen}: nothing for axe, dark`, await this.#inTheDark(judged));
    this.report.check(`${seen}: no sideways scrolling, no words on words at ${[this.viewport.width, ...narrow].join(", ")} px`, widths);
    this.report.check(`${seen}: every text is there`, await this.#missingTexts());
    this.report.check(`${seen}: no error, nothing from outside`, this.#quarrels(status));
    if (this.never) this.report.check(`${seen}: says no more than is so`, await this.#tooMuch());
  }

  // tooMuch finds words that this person must not see now.
  async #tooMuch() {
    const text = (await this.page.locator("body").innerText()).replace(/DX認定|認定経営革新等支援機関|認定個人情報保護団体/g, "");
    return this.never.map((words) => new RegExp(`.{0,40}(${words.source}).{0,40}`, "u").exec(text)?.[0] ?? "").filter(Boolean).join("\n");
  }

  // read goes down a page as an eye does, at 25 letters a second, four seconds at most.
  async #read() {
    const seconds = Math.min(4, (await this.text()).length / 25);
    const depth = await this.page.evaluate("document.documentElement.scrollHeight - innerHeight");
    for (let step = 0; step < 8; step++) {
      await this.page.evaluate(`scrollTo(0, ${(depth * step) / 7})`);
      await this.page.waitForTimeout((seconds * 1000) / 8);
    }
    await this.page.evaluate("scrollTo(0, 0)");
  }

  async #inTheDark(page) {
    await page.emulateMedia({ colorScheme: "dark" });
    const found = await this.#axe(page, colourRules);
    await page.emulateMedia({ colorScheme: "light" });
    return found;
  }

  #quarrels(status) {
    const all = this.faults.filter((fault) => !(status && fault.includes(`status of ${status}`)));
    this.faults.length = 0;
    return all.join("\n");
  }

  async #missingTexts() {
    const html = await this.page.content();
    const bad = html.match(/.{0,60}(⟦|%!|undefined|\bNaN\b|&lt;nil&gt;).{0,60}/u);
    return bad ? bad[0] : "";
  }

  async #pictures(name, schemes) {
    const n = (Eye.count.get(this.part) ?? 0) + 1;
    Eye.count.set(this.part, n);
    for (const colorScheme of schemes) {
      await this.page.emulateMedia({ colorScheme });
      const file = `${this.part}-${String(n).padStart(3, "0")}-${name.replace(/[^\w-]+/g, "-")}-${colorScheme}.jpg`;
      await this.page.screenshot({ path: join(shots, file), quality: 80, fullPage: true, animations: "disabled" });
      if (colorScheme === "light" && this.other) await this.#pictureElsewhere(file.replace("light", `${this.other}px`));
    }
  }

  async #pictureElsewhere(file) {
    await this.page.setViewportSize({ width: this.other, height: this.viewport.height });
    await this.page.screenshot({ path: join(shots, file), quality: 80, fullPage: true, animations: "disabled" });
    await this.page.setViewportSize(this.viewport);
  }

  async #axe(page, rules) {
    const only = rules ? { type: "rule", values: rules } : { type: "tag", values: tags };
    const options = { runOnly: only, resultTypes: ["violations"] };
    if (!rules) options.rules = { "target-size": { enabled: true } }; // off unless asked for
    if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axeSource);
    const violations = await page.evaluate(`axe.run(document, ${JSON.stringify(options)}).then((found) => found.violations)`);
    return violations.map(describe).join("\n");
  }

  // judged is the page on which axe can run: this one, or where scripts are off a
  // twin with the same content and no script of its own.
  async #judged() {
    if (this.js) return this.page;
    this.twin ??= await this.#openTwin();
    this.twinContent = (await this.page.content()).replace(/<script\b[^>]*><\/script>/g, "");
    await this.twin.goto(this.page.url());
    return this.twin;
  }

  async #openTwin() {
    const context = await this.browser.newContext({ viewport: this.viewport, reducedMotion: "reduce" });
    const twin = await context.newPage();
    await twin.route((url) => !url.pathname.startsWith("/assets/"),
      (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: this.twinContent }));
    return twin;
  }

  // widths finds what makes a page wider than the screen: at the reader's own
  // width, at 320 px, and at half the width, which is 200 % zoom.
  async #widths(narrow) {
    const wrong = [];
    for (const width of [this.viewport.width, ...narrow]) {
      await this.page.setViewportSize({ width, height: this.viewport.height });
      const wide = await this.page.evaluate(findWide) || (await this.page.evaluate(findCollision));
      if (wide) wrong.push(`${width}: ${wide}`);
    }
    await this.page.setViewportSize(this.viewport);
    return wrong.join("\n");
  }

  async close() {
    await this.twin?.context().close();
    await this.context.close();
  }
}

const findWide = `(() => {
  const room = document.documentElement.clientWidth, over = document.scrollingElement.scrollWidth - room;
  if (over <= 0) return "";
  const worst = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 0.5)
    .slice(-3).map((e) => e.outerHTML.slice(0, 120));
  return over + " px too wide: " + worst.join(" | ");
})()`;

// findCollision finds words of a drawing that stand on each other or outside of it.
const findCollision = `(() => {
  for (const drawing of document.querySelectorAll("svg.ch")) {
    const frame = drawing.getBoundingClientRect();
    const all = [...drawing.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    for (const [i, [text, a]] of all.entries()) {
      if (a.left < frame.left - 2 || a.right > frame.right + 2) return text + " leaves its drawing";
      for (const [other, b] of all.slice(i + 1)) {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > Math.min(a.height, b.height) / 2) return text + " stands on " + other;
      }
    }
  }
  return "";
})()`;

function describe(violation) {
  const places = violation.nodes.slice(0, 3).map((node) =>
    `  ${node.html.slice(0, 200)}\n  ${node.failureSummary.split("\n").slice(1, 2).join()}`);
  return [`${violation.id}: ${violation.help}`, ...places].join("\n");
}
