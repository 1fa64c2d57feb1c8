// What findings mean, in the sentences of the pages: one JSON on stdout.
//
// What it is told comes as JSON on stdin: where the pages are, the time, and the findings, each alone and several together.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const told = JSON.parse(readFileSync(0, "utf8"));
const kept = { "service-clock-ahead": String(Date.parse(told.now) - Date.now()) };
const store = { getItem: (name) => kept[name] ?? null, setItem: (name, value) => (kept[name] = value) };
// What a browser has and the words touch: the language chosen, and the clock's lead.
Object.assign(globalThis, { localStorage: store, sessionStorage: store, document: { documentElement: {} } });

const { build } = createRequire(`${told.pages}/package.json`)("esbuild");
const bundled = await build({ entryPoints: [`${told.pages}/src/words/standing.ts`], bundle: true, write: false, format: "esm", platform: "node" });
const words = await import(`data:text/javascript;base64,${Buffer.from(bundled.outputFiles[0].contents).toString("base64")}`);

const alone = told.alone.map((finding) => words.findingSentence(finding)).map(({ kind, sentence }) => `${kind}: ${sentence}`);
const together = told.together.map((findings) => words.gravest(findings.map(words.findingSentence)).sentence);
console.log(JSON.stringify({ alone, together }));
