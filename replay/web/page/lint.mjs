// The rules of the page's sources that matter for a stranger's recording, and for who reads them. Prints each breach; fails on one.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const files_under = (folder) => readdirSync(folder, { withFileTypes: true })
  .flatMap((entry) => (entry.isDirectory() ? files_under(join(folder, entry.name)) : [join(folder, entry.name)]));

const kRules = [
  // Only micromark's HTML, in the one component that shows notes.
  { pattern: /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment/, says: "makes HTML of text", but: ["src/view/Note.tsx"] },
  { pattern: /\bstyle="/, says: "has a style string: the policy of a served page forbids it, use an object" },
  { pattern: /\beval\(|new Function\(|import\(/, says: "runs text" },
  { pattern: /\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|EventSource/, says: "asks the network" },
  { pattern: /dangerouslySet|srcdoc|javascript:/, says: "makes a document of text" },
  { pattern: /@ts-ignore|@ts-nocheck|as any\b/, says: "switches the checker off" },
];
const kLinesMax = 600;
const kColumnsMax = 190;
const kFunctionMax = 70;

const breaches = [];
for (const file of files_under(join(here, "src"))) {
  const name = relative(here, file);
  const lines = readFileSync(file, "utf8").split("\n");
  if (lines.length > kLinesMax) breaches.push(`${name}: ${lines.length} lines, at most ${kLinesMax}`);
  let begun = 0;
  lines.forEach((line, i) => {
    for (const { pattern, says, but } of kRules) {
      if (pattern.test(line) && !but?.includes(name)) breaches.push(`${name}:${i + 1}: ${says}: ${line.trim()}`);
    }
    if (line.length > kColumnsMax) breaches.push(`${name}:${i + 1}: ${line.length} columns, at most ${kColumnsMax}`);
    if (/^(export )?(default )?(async )?(const|function|class|interface|type|declare)\b/.test(line)) begun = i;
    if (/^[})\]]/.test(line) && i - begun > kFunctionMax && /\.tsx?$/.test(name) && !/^(export )?(const (en|fr)\b|class)/.test(lines[begun])) {
      breaches.push(`${name}:${begun + 1}: ${i - begun} lines, at most ${kFunctionMax}`);
    }
  });
}
for (const breach of breaches) console.error(breach);
process.exit(breaches.length > 0 ? 1 : 0);
