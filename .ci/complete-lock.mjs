// Run after `npm install`: locks the packages of other platforms that npm left out because the registry in use does not carry them.
// Without them `npm ci` refuses the lock. Their versions are exact in the parents' manifests; os and cpu follow from their names.
import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../package-lock.json", import.meta.url);
const OS = ["aix", "android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const CPU = ["arm64", "arm", "ia32", "ppc64", "riscv64", "s390x", "x64"];

const text = readFileSync(FILE, "utf8");
const lock = JSON.parse(text);
for (const [path, parent] of Object.entries(lock.packages)) {
	if (path === "" || parent.inBundle) continue;
	for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
		const key = `node_modules/${name}`;
		if (lock.packages[key] !== undefined || !/^\d+\.\d+\.\d+$/.test(version)) continue;
		lock.packages[key] = { version, cpu: member(CPU, name), ...(parent.dev ? { dev: true } : {}), optional: true, os: member(OS, name) };
	}
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")));
writeFileSync(FILE, `${JSON.stringify(lock, null, text.includes("\n\t") ? "\t" : 2)}\n`);

function member(words, name) {
	const found = words.find((word) => name.split(/[-/]/).some((part) => part.startsWith(word)));
	if (found === undefined) throw new Error(`cannot tell the platform of ${name}`);
	return [found];
}
