// One line per check.
export class Report {
  passed = 0;
  failed = 0;
  begun = Date.now();

  // check takes what is wrong as text; nothing wrong is "".
  check(name, wrong) {
    if (wrong) return this.fail(name, wrong);
    this.passed++;
    console.log(`ok ${this.passed + this.failed} - ${name}`);
  }

  same(name, have, want) {
    this.check(name, have === want ? "" : `have ${JSON.stringify(have)}, want ${JSON.stringify(want)}`);
  }

  holds(name, text, part) {
    this.check(name, text.includes(part) ? "" : `${JSON.stringify(part)} is not in ${JSON.stringify(text.slice(0, 600))}`);
  }

  fail(name, wrong) {
    this.failed++;
    console.log(`not ok ${this.passed + this.failed} - ${name}`);
    console.log(String(wrong).replace(/^/gm, "    # "));
  }

  // close says the sum and returns the exit code. Nothing checked is a failure.
  close() {
    console.log(`took ${Math.round((Date.now() - this.begun) / 1000)} s`);
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed > 0 || this.passed === 0 ? 1 : 0;
  }
}
