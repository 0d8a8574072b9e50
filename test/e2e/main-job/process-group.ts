import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 20;

/** Command lines of the processes of a group that still run; a zombie that nobody has reaped does not count. */
export function runningMembers(group: number): readonly string[] {
	return process.platform === "linux" ? fromProc(group) : fromPs(group);
}

/** Waits until nothing of a group runs; what still does after `limitMs`, normally nothing. */
export async function membersLeft(group: number, limitMs: number): Promise<readonly string[]> {
	const until = performance.now() + limitMs;
	for (;;) {
		const left = runningMembers(group);
		if (left.length === 0 || performance.now() > until) return left;
		await pause(POLL_MS);
	}
}

/** Signals every process of a group; nothing happens where there is none any more. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
	try {
		process.kill(-group, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
}

function fromProc(group: number): readonly string[] {
	const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
	return pids.flatMap((pid) => {
		try {
			// `pid (name) state parent group ...`, where the name may hold anything.
			const [state, , ofGroup] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
			if (Number(ofGroup) !== group || state === "Z") return [];
			return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`];
		} catch {
			return []; // it ended meanwhile
		}
	});
}

function fromPs(group: number): readonly string[] {
	const lines = execFileSync("ps", ["-A", "-o", "pgid=,stat=,pid=,args="], { encoding: "utf8" }).split("\n");
	return lines.map((line) => line.trim()).filter((line) => new RegExp(`^${group}\\s+[^Z\\s]\\S*\\s`).test(line));
}
