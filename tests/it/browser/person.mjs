// A person at a browser: opens pages as a phone or a desk shows them, does what a person does, and keeps what was wrong.
//
// The browser reaches loopback alone: every other name is not found, and asking for one is a fault.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { strict as assert } from "node:assert";

export const SCREENS = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } };

/** How long a person waits for what must come: longer than a machine ever takes that builds and tests beside it. */
const PATIENCE = 90_000;

const LAUNCH = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

export class House {
  constructor(told) {
    this.told = told;
    const require = createRequire(`${told.packages}/package.json`);
    this.chromium = require("playwright-core").chromium;
    this.axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  }

  async open() {
    this.browser = await this.chromium.launch({ executablePath: this.told.chromium, headless: true, args: LAUNCH,
      // As a person's browser: what was left is kept whole for a step back.
      ignoreDefaultArgs: ["--disable-back-forward-cache"], timeout: PATIENCE });
  }

  async close() {
    await this.browser.close();
  }

  async person(screen, options = {}) {
    const context = await this.browser.newContext({ viewport: SCREENS[screen], locale: "zh-CN", timezoneId: "Europe/Berlin", ...options });
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: this.told.api });
    return new Person(this, context, screen);
  }

  /** A call of the local deployment's own: the clock, texts, sites. */
  async local(path, body) {
    const answer = await fetch(`${this.told.aws}/_local/${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    assert(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.json();
  }

  /** What happens in the world: `point`, `say`, `show`, `hours`. */
  async world(happens) {
    const answer = await fetch(this.told.world, { method: "POST", body: JSON.stringify(happens) });
    assert(answer.ok, `${JSON.stringify(happens)}: ${answer.status} ${await answer.text()}`);
  }

  /** The code that was sent last to a number. */
  async code(mobile) {
    const texts = await this.local("sms");
    const last = texts.filter((sms) => sms.number.endsWith(mobile) && sms.text.includes("验证码")).at(-1);
    assert(last, `no code went to ${mobile}`);
    return last.text.match(/验证码(\d{6})/)[1];
  }
}

export class Person {
  constructor(house, context, screen) {
    this.house = house;
    this.context = context;
    this.screen = screen;
    this.faults = [];
    /** What a task expects to be refused is no fault. */
    this.expected = [];
  }

  async tab() {
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(PATIENCE);
    this.page.on("console", (message) => {
      if (!["error", "warning"].includes(message.type())) return;
      const text = `${message.text()} ${message.location().url}`;
      if (!this.expected.some((pattern) => pattern.test(text))) this.faults.push(text);
    });
    this.page.on("pageerror", (error) => this.faults.push(String(error)));
    this.page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (!["data:", "blob:"].includes(protocol) && hostname !== "127.0.0.1") this.faults.push(`it reached for ${request.url()}`);
    });
    return this.page;
  }

  async goto(path) {
    await this.page.goto(this.house.told.api + path);
  }

  /** Signs in at the local issuer by one click; `who` is the button's words, or an account. */
  async signIn(who) {
    await this.button("登录").click();
    if (/^[a-z]/.test(who)) {
      await this.page.locator("input[name=account]").fill(who);
      await this.page.getByRole("button", { name: "继续 · Go on" }).click();
    } else {
      await this.page.getByRole("button", { name: who }).first().click();
    }
    await this.page.waitForURL((url) => url.href.startsWith(this.house.told.api) && !url.pathname.includes("signed-in"));
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** Types the code that was sent last to a number: it went out before the page asks for it. */
  async typesCode(mobile) {
    const field = this.field("短信验证码");
    await field.waitFor();
    await field.fill(await this.house.code(mobile));
  }

  field(label) {
    return this.page.getByLabel(label, { exact: false }).first();
  }

  heading(name) {
    return this.page.getByRole("heading", { name }).first();
  }

  async sees(text) {
    await this.page.getByText(text).first().waitFor();
  }

  /** Hours pass, and the page is looked at again: after twelve the token is over, and the issuer knows the person still. */
  async passes(hours) {
    this.expected.push(/401/);
    await this.house.world({ hours });
    await this.page.reload();
    await this.page.waitForFunction(() => document.querySelector("h1") && !document.body.innerText.includes("读取中…"));
    if (await this.button("重新登录").count()) await this.signAgain();
  }

  /** Signs in again: the issuer knows the person, and asks nothing. */
  async signAgain() {
    const token = this.page.waitForResponse((answer) => answer.url().endsWith("/token"));
    await this.button("重新登录").first().click();
    await token;
    await this.page.waitForURL((url) => !url.pathname.includes("signed-in"));
    await this.page.waitForFunction(() => document.querySelector("h1") && !document.body.innerText.includes("登录已过期"));
  }

  /** Answers the way back's questions, one after another, each by the first of these words that is offered; until `over`
   * is there. */
  async answers(words, over) {
    for (let asked = 0; asked < 25; asked += 1) {
      await this.page.locator(`main form:has-text("您看到的是："), ${over}`).first().waitFor();
      if (await this.page.locator(over).count()) return;
      const form = this.page.locator("main form", { has: this.page.getByText("您看到的是：") });
      const question = await form.getAttribute("aria-label");
      const offered = await form.locator("label.choice").allInnerTexts();
      const wanted = offered.find((text) => words.some((word) => text.includes(word)));
      assert(wanted, `${question}: ${offered}`);
      await form.getByRole("radio", { name: wanted, exact: true }).check();
      await form.getByRole("button", { name: "下一步" }).click();
      await this.page.waitForFunction(([was, end]) => document.querySelector(end) || [...document.querySelectorAll("main form")].every((one) => one.getAttribute("aria-label") !== was), [question, over]);
    }
    assert.fail("it asks without end");
  }

  /** Opens what is folded under these words. */
  async unfold(text) {
    const folded = this.page.locator("details", { has: this.page.locator("summary", { hasText: text }) }).first();
    if (!(await folded.evaluate((element) => element.open))) await folded.locator("summary").first().click();
  }

  /** The page as it is now is well made: nothing scrolls sideways, axe finds nothing, one heading stands above all. */
  async looksWell(name) {
    await this.page.waitForFunction(() => document.querySelector("h1") && !document.body.innerText.includes("读取中…"));
    const overflow = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0, `${name} on a ${this.screen} scrolls sideways`);
    await this.page.evaluate(this.house.axe);
    const found = await this.page.evaluate(() => globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }));
    const violations = found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(" | ")}`);
    assert.deepEqual(violations, [], `${name} on a ${this.screen}`);
    assert(20 < found.passes.length, `axe looked at little of ${name}`);
    assert.equal(await this.page.locator("h1").count(), 1, `${name} has one first heading`);
    await this.page.screenshot({ path: `${this.house.told.folder}/${name}-${this.screen}.png`, fullPage: true });
  }

  /** Nothing went wrong until now. */
  async leaves() {
    await this.context.close();
    assert.deepEqual(this.faults, [], `on a ${this.screen}`);
  }
}
