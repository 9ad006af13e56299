// What runs a kernel as WebAssembly in node: `node host.mjs FILE N`.
import { readFileSync } from "node:fs";

const [file, n] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(file));
console.log(String(instance.exports.kernel(Number(n))));
