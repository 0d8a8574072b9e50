import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const folder = (dataDir: string): string => join(dataDir, "pids");
const file = (dataDir: string, name: string): string => join(folder(dataDir), `engine-${name}.json`);

/** Remembers a child beyond our own death. `dbPath` tells it from an unrelated process that has its pid later. */
export function rememberProcess(dataDir: string, name: string, pid: number, dbPath: string): void {
	writeFileSync(file(dataDir, name), JSON.stringify({ pid, dbPath }));
}

export function forgetProcess(dataDir: string, name: string): void {
	rmSync(file(dataDir, name), { force: true });
}

/** Kills what a cloud that was itself killed left running on this directory. Call only with the directory locked. Returns the pids killed. */
export async function clearLeftovers(dataDir: string): Promise<readonly number[]> {
	const killed: number[] = [];
	for (const entry of readdirSync(folder(dataDir)).filter((name) => /^engine-.*\.json$/.test(name))) {
		const path = join(folder(dataDir), entry);
		const left = parse(readFileSync(path, "utf8"));
		if (left !== undefined && isOurs(left)) {
			await killAndWait(left.pid);
			killed.push(left.pid);
		}
		rmSync(path, { force: true });
	}
	return killed;
}

interface Leftover {
	readonly pid: number;
	readonly dbPath: string;
}

function parse(text: string): Leftover | undefined {
	try {
		const { pid, dbPath } = JSON.parse(text) as Partial<Leftover>;
		return Number.isSafeInteger(pid) && typeof dbPath === "string" ? { pid: pid as number, dbPath } : undefined;
	} catch {
		return undefined; // the process was killed while it wrote the file
	}
}

const isOurs = ({ pid, dbPath }: Leftover): boolean => commandLine(pid)?.includes(dbPath) ?? false;

function commandLine(pid: number): readonly string[] | undefined {
	try {
		if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
		return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" })
			.trim()
			.split(" ");
	} catch {
		return undefined;
	}
}

async function killAndWait(pid: number): Promise<void> {
	const deadline = performance.now() + 3000;
	while (performance.now() < deadline) {
		try {
			process.kill(pid, "SIGKILL");
		} catch {
			return;
		}
		// A zombie whose parent has not reaped it still takes signals, but holds no file.
		if (commandLine(pid)?.join("") === "") return;
		await delay(10);
	}
}
