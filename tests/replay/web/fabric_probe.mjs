// node fabric_probe.mjs MODULE FRAMES: prints the hash of what the fabric in the module decides, and says on stderr how fast.
import fs from 'node:fs';

const [module_path, frames] = process.argv.slice(2);
const module = await WebAssembly.compile(fs.readFileSync(module_path));
const imports = {};
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  (imports[from] ??= {})[name] = () => {
    throw new Error(`the fabric calls ${name}`);
  };
}
const { exports } = await WebAssembly.instantiate(module, imports);
exports._initialize();
const began = performance.now();
const hash = BigInt.asUintN(64, exports.decisions(Number(frames)));
const seconds = (performance.now() - began) / 1000;
console.error(`${(frames / seconds / 1e6).toFixed(2)} M frames/s in Node ${process.version}`);
console.log(hash.toString(16).padStart(16, '0'));
