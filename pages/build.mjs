// Builds the pages into dist/pages: scripts and styles under names that change with their contents, and beside each
// file its copy in Brotli. `template.yaml` deploys dist/ as a layer, `cargo local` serves it as it is.
import { build } from "esbuild";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { brotliCompressSync } from "node:zlib";

const OUT = "dist/pages";
/** Smaller files gain nothing by being compressed. */
const LEAST_BYTES = 1024;

await rm("dist", { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
await cp("public", OUT, { recursive: true });
const built = await build({
  entryPoints: ["src/main.tsx", "src/style.css"],
  outdir: `${OUT}/assets`,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome109", "safari16.4", "firefox115"],
  minify: true,
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});

const outputs = Object.entries(built.metafile.outputs);
const named = (entry) => {
  const [path] = outputs.find(([, output]) => output.entryPoint === entry);
  return path.replace(`${OUT}/`, "/pages/");
};
const page = (await readFile(`${OUT}/index.html`, "utf8"))
  .replace("/src/main.tsx", named("src/main.tsx"))
  .replace("/src/style.css", named("src/style.css"));
await writeFile(`${OUT}/index.html`, page);

for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = `${entry.parentPath}/${entry.name}`;
  const bytes = await readFile(path);
  if (LEAST_BYTES <= bytes.length) await writeFile(`${path}.br`, brotliCompressSync(bytes));
}
