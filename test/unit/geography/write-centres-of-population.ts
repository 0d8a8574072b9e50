import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { weighCountries } from "./weigh-countries.ts";

const PER_LINE = 8;

const path = fileURLToPath(new URL("../../../domain/geography/centres-of-population.ts", import.meta.url));
const entries = [...weighCountries()].map(([code, { latitude, longitude }]) => `${code}:${round(latitude)},${round(longitude)}`);
const lines = entries.flatMap((_, at) => (at % PER_LINE === 0 ? [entries.slice(at, at + PER_LINE).join(" ")] : []));
const [head = ""] = readFileSync(path, "utf8").split("`\n");
writeFileSync(path, `${head}\`\n${lines.join("\n")}\n\`;\n`);

function round(degrees: number): number {
	return Number(degrees.toFixed(2));
}
