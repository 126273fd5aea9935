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

  // who is a person with a browser of their own.
  static async open(browser, report, base, { part, lang, js, viewport, languageCookie }) {
    const eye = new Eye();
    Object.assign(eye, { report, base, part, lang, js, viewport, faults: [], bearable: [] });
    eye.context = await browser.newContext({
      baseURL: base, viewport, javaScriptEnabled: js, locale: lang === "en" ? "en-GB" : "ja-JP", colorScheme: "light",
      reducedMotion: "reduce", timezoneId: "Asia/Tokyo", isMobile: false,
    });
    if (languageCookie) await eye.context.addCookies([{ name: "language", value: languageCookie, url: base }]);
    eye.page = await eye.context.newPage();
    eye.page.setDefaultTimeout(8000);
    eye.#listen();
    eye.devtools = await eye.context.newCDPSession(eye.page);
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
    for (const [name, value] of Object.entries(values)) await this.page.locator(`[name="${name}"]`).fill(value);
  }

  text() {
    return this.page.locator("main").innerText();
  }

  path() {
    return new URL(this.page.url()).pathname;
  }

  // look judges the page as it stands. A picture is kept in light and in dark.
  async look(name, { picture = true, narrow = [320], status } = {}) {
    await this.page.waitForLoadState("load");
    const seen = `${this.part}: ${name}`;
    const widths = await this.#widths(narrow);
    const light = await this.#scheme("light", name, picture, undefined);
    const dark = await this.#scheme("dark", name, picture, colourRules);
    await this.page.emulateMedia({ colorScheme: "light" });
    this.report.check(`${seen}: nothing for axe, light`, light);
    this.report.check(`${seen}: nothing for axe, dark`, dark);
    this.report.check(`${seen}: no sideways scrolling at ${[this.viewport.width, ...narrow].join(", ")} px`, widths);
    this.report.check(`${seen}: every text is there`, await this.#missingTexts());
    this.report.check(`${seen}: no error, nothing from outside`, this.#quarrels(status));
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

  async #scheme(scheme, name, picture, rules) {
    await this.page.emulateMedia({ colorScheme: scheme });
    if (picture) await this.#picture(`${name}-${scheme}`, scheme === "light");
    return this.#axe(rules);
  }

  async #picture(name, first) {
    const n = (Eye.count.get(this.part) ?? 0) + (first ? 1 : 0);
    Eye.count.set(this.part, n);
    const file = `${this.part}-${String(n).padStart(3, "0")}-${name.replace(/[^\w-]+/g, "-")}.png`;
    await this.page.screenshot({ path: join(shots, file), fullPage: true, animations: "disabled" });
  }

  async #axe(rules) {
    if (!this.js) await this.devtools.send("Emulation.setScriptExecutionDisabled", { value: false });
    try {
      const found = await this.page.evaluate(`(async () => {
        if (!window.axe) { ${axeSource} }
        const only = ${JSON.stringify(rules ? { type: "rule", values: rules } : { type: "tag", values: tags })};
        const found = await window.axe.run(document, {
          runOnly: only, resultTypes: ["violations"], ...(only.type === "tag" ? { rules: { "target-size": { enabled: true } } } : {}),
        });
        return found.violations.map((v) => v.id + ": " + v.help + "\\n" +
          v.nodes.slice(0, 3).map((n) => "  " + n.html.slice(0, 200) + "\\n  " + n.failureSummary.split("\\n").slice(1, 2).join(" ")).join("\\n"));
      })()`);
      return found.join("\n");
    } finally {
      if (!this.js) await this.devtools.send("Emulation.setScriptExecutionDisabled", { value: true });
    }
  }

  // widths finds what makes a page wider than the screen: at the reader's own
  // width, at 320 px, and at half the width, which is 200 % zoom.
  async #widths(narrow) {
    const wrong = [];
    for (const width of [this.viewport.width, ...narrow]) {
      await this.page.setViewportSize({ width, height: this.viewport.height });
      const wide = await this.page.evaluate(`(() => {
        const room = document.documentElement.clientWidth, over = document.scrollingElement.scrollWidth - room;
        if (over <= 0) return "";
        const worst = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 0.5)
          .slice(-3).map((e) => e.outerHTML.slice(0, 120));
        return over + " px too wide: " + worst.join(" | ");
      })()`);
      if (wide) wrong.push(`${width}: ${wide}`);
    }
    await this.page.setViewportSize(this.viewport);
    return wrong.join("\n");
  }

  close() {
    return this.context.close();
  }
}
