// Opens a page in Chromium as phone and desk show it, and says what is wrong with it: one JSON on stdout.
//
// What it is told comes as JSON on stdin: where its packages are, the browser, the page's address and token, a folder for
// what it sees. The browser reaches loopback alone: every other name is not found.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const told = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(`${told.packages}/package.json`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const SCREENS = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } };

const browser = await chromium.launch({
  executablePath: told.chromium,
  headless: true,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
});
const seen = {};
try {
  for (const [screen, viewport] of Object.entries(SCREENS)) {
    seen[screen] = await look(screen, viewport);
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));

async function look(screen, viewport) {
  const context = await browser.newContext({ viewport, deviceScaleFactor: 1 });
  const page = await context.newPage();
  const faults = [], requests = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  await page.setExtraHTTPHeaders({ authorization: `Bearer ${told.token}`, accept: "text/html" });
  const answer = await page.goto(told.address, { waitUntil: "load" });
  const languages = {};
  for (const [language, label] of [["zh", "中文"], ["en", "English"]]) {
    await page.getByText(label, { exact: true }).click();
    await page.screenshot({ path: `${told.folder}/${told.name}-${screen}-${language}.png`, fullPage: true });
    languages[language] = await read(page);
  }
  // By keyboard as well.
  await page.getByLabel("English").focus();
  await page.keyboard.press("ArrowLeft");
  const byKeyboard = await page.locator("h1:visible").innerText();
  const document = await page.content();
  await context.close();
  return { status: answer.status(), policy: answer.headers()["content-security-policy"], faults, requests, languages, byKeyboard,
    scripts: (document.match(/<script/g) ?? []).length };
}

// What stands on the page now, in the language that is chosen.
async function read(page) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const charts = await page.locator('[role="img"]').evaluateAll((charts) =>
    charts.filter((chart) => chart.checkVisibility()).map((chart) => chart.getAttribute("aria-label")));
  const nameless = await page.locator("svg:visible").evaluateAll((drawn) =>
    drawn.filter((svg) => !svg.closest('[role="img"][aria-label]')).length);
  const tables = await page.locator("table").evaluateAll((tables) =>
    tables.filter((table) => table.closest("[lang]").checkVisibility()).length);
  const small = await page.locator("svg:visible text").evaluateAll((texts) =>
    Math.min(...texts.map((text) => Number(text.getAttribute("font-size")) * text.getCTM().a)));
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  const violations = found.violations.map((violation) =>
    `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")}`);
  return { headings: await page.locator("h1:visible").allInnerTexts(), overflow, charts, nameless, tables, smallestLetters: small,
    violations, passes: found.passes.length };
}
