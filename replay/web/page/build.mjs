#!/usr/bin/env node
// Builds the page: replay/web/built/page.html and its STAMP. The same inputs and the same tools give the same bytes.
//   build            writes both
//   build --check    writes nothing; fails unless what is there was made from these inputs
//   build --to FILE  writes the page alone, to FILE
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, "..", "built");
const page_file = join(built, "page.html");
const stamp_file = join(built, "STAMP");
const wasm_file = join(built, "labreel.wasm");

const sha256 = (bytes, encoding) => createHash("sha256").update(bytes).digest(encoding);
const version_of = (name) => JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8")).version;

const files_under = (folder) => readdirSync(folder, { withFileTypes: true })
  .sort((a, b) => (a.name < b.name ? -1 : 1))
  .flatMap((entry) => entry.isDirectory() ? files_under(join(folder, entry.name)) : [join(folder, entry.name)]);

// Each input's hash, a line each, and the tools: what the page is a function of.
function stamp(page) {
  const inputs = ["build.mjs", "package.json", "package-lock.json", "tsconfig.json"].map((name) => join(here, name))
    .concat(files_under(join(here, "src")), existsSync(wasm_file) ? [wasm_file] : []);
  const hash = createHash("sha256");
  for (const file of inputs) hash.update(`${sha256(readFileSync(file), "hex")} ${relative(here, file)}\n`);
  const tools = ["esbuild", "esbuild-plugin-solid", "solid-js"];
  const versions = tools.map((name) => `${name} ${version_of(name)}\n`).join("");
  return `page.inputs ${hash.digest("hex")}\n${versions}page.html ${sha256(page, "hex")}\n`;
}

const options = { bundle: true, minify: true, write: false, target: "es2022", format: "iife", legalComments: "none", charset: "utf8" };

// Licences ask that their words go where the code goes: those of each package that a file of the bundle comes from.
function notice_of(files) {
  const packages = files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file)?.[1]).filter(Boolean);
  const by_text = new Map();
  for (const name of [...new Set(packages)].sort()) {
    const folder = join(here, "node_modules", name);
    const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    const { license, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const text = licence ? readFileSync(join(folder, licence), "utf8").trim() : "";
    by_text.set(text, [...(by_text.get(text) ?? []), `${name} ${version}, ${license}`]);
  }
  return [...by_text].map(([text, names]) => `${names.join("\n")}\n\n${text}`).join("\n\n----\n\n").replace(/<\/?script/gi, "");
}

async function bundle() {
  const { build } = await import("esbuild");
  const { solidPlugin } = await import("esbuild-plugin-solid");
  const worker = {
    name: "worker",
    setup(setup) {
      setup.onResolve({ filter: /^worker:/ }, ({ path, resolveDir }) =>
        ({ path: join(resolveDir, path.slice("worker:".length)), namespace: "worker" }));
      setup.onLoad({ filter: /.*/, namespace: "worker" }, async ({ path }) => {
        const { outputFiles } = await build({ ...options, entryPoints: [path] });
        return { contents: outputFiles[0].text, loader: "text" };
      });
    },
  };
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: [join(here, "src", "main.tsx")],
    outdir: built,
    plugins: [solidPlugin(), worker],
    define: { "process.env.NODE_ENV": '"production"' },
    conditions: ["solid", "browser", "production"],
    absWorkingDir: here,
    metafile: true,
  });
  const text_of = (ending) => outputFiles.find((file) => file.path.endsWith(ending)).text.trim();
  return { script: text_of(".js"), style: text_of(".css"), notice: notice_of(Object.keys(metafile.inputs)) };
}

// The page may do nothing but run its own script and the module: no network, no foreign picture, no form.
const policy = (script) => [
  "default-src 'none'",
  `script-src 'sha256-${sha256(script, "base64")}' 'wasm-unsafe-eval'`,
  "worker-src blob:",
  "style-src 'unsafe-inline'",
  "img-src data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

async function page() {
  const { script, style, notice } = await bundle();
  const module = existsSync(wasm_file) ? gzipSync(readFileSync(wasm_file), { level: 9 }).toString("base64") : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>labreel</title>
<style>${style}</style>
</head>
<body>
<script type="application/wasm" id="module">${module}</script>
<script type="application/labreel-recording" id="recording"></script>
<script type="text/plain" id="notice">${notice}</script>
<script>${script}</script>
</body>
</html>
`;
}

function check() {
  const there = existsSync(page_file) ? readFileSync(page_file) : "";
  if (existsSync(stamp_file) && readFileSync(stamp_file, "utf8") === stamp(there)) return 0;
  console.error("replay/web/built/page.html was not made from these sources");
  console.error("hint: cd replay/web/page && npm ci && ./build, and commit replay/web/built");
  return 1;
}

const [option, file] = process.argv.slice(2);
if (option === "--check") process.exit(check());
const text = await page();
if (option === "--to") {
  writeFileSync(file, text);
} else {
  mkdirSync(built, { recursive: true });
  writeFileSync(page_file, text);
  writeFileSync(stamp_file, stamp(text));
}
console.log(`${text.length} bytes, ${gzipSync(text, { level: 9 }).length} with gzip`);
