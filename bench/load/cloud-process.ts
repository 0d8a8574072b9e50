import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../cli/heliotrope.mjs", import.meta.url));

export interface CloudProcess {
	readonly url: string;
	readonly adminToken: string;
	/** Resident memory in MB; of the process with all its threads, not of the engines. */
	memoryMb(): number;
}

/** `heliotrope start --idle` on a free port, at the speed of the wall clock; `stack` ends it. */
export async function startCloudProcess(regions: readonly string[], dataDir: string, stack: AsyncDisposableStack): Promise<CloudProcess> {
	const args = [CLI, "start", "--idle", "--headless", "--port", "0", "--regions", regions.join(), "--data", dataDir];
	const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
	stack.defer(async () => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		child.kill("SIGINT");
		await once(child, "exit");
	});
	const url = await urlOf(child);
	const adminToken = readFileSync(join(dataDir, "admin-token"), "utf8").trim();
	return { url, adminToken, memoryMb: () => residentMb(child.pid) };
}

function urlOf(child: ChildProcess): Promise<string> {
	return new Promise((resolve, reject) => {
		let said = "";
		child.stderr?.setEncoding("utf8").on("data", (text: string) => {
			said += text;
			const url = /Heliotrope is up at (http:\/\/[\d.:]+)/.exec(said)?.[1];
			if (url !== undefined) resolve(url);
		});
		child.once("exit", () => reject(new Error(`the cloud did not come up: ${said}`)));
	});
}

/** What Linux counts as resident; 1 where there is no such file. */
function residentMb(pid: number | undefined): number {
	try {
		const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
		return Number(kb) / 1024;
	} catch {
		return 1;
	}
}
