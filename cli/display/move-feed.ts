import * as z from "zod";
import type { AdminClient, MigrationSummary } from "#local/workload/admin-client.ts";

const MAX_MOVES = 4;
const MAX_KNOWN = 200;

const decisionsPage = z.object({
	decisions: z.array(
		z.object({
			decisionId: z.string(),
			reason: z.string().optional(),
			savingMs: z.number().optional(),
			forecast: z.object({ windowHours: z.number(), expectedAccesses: z.number() }).optional(),
		}),
	),
});
type Decision = z.infer<typeof decisionsPage>["decisions"][number];

/** Tells of the latest moves in words: what moved where, and what it is expected to save. */
export class MoveFeed {
	readonly #admin: Pick<AdminClient, "migrations" | "get">;
	readonly #why = new Map<string, string>();

	constructor(admin: Pick<AdminClient, "migrations" | "get">) {
		this.#admin = admin;
	}

	/** The latest moves, newest first. @throws AdminApiError */
	async latest(): Promise<readonly string[]> {
		const moves: MigrationSummary[] = [];
		for (const state of ["running", "completed", "cancelled", "rolledBack"]) {
			for await (const move of this.#admin.migrations(state)) moves.push(move);
		}
		moves.sort((a, b) => (b.startedAt ?? "").localeCompare(a.startedAt ?? ""));
		return Promise.all(moves.slice(0, MAX_MOVES).map(async (move) => describeMove(move, await this.#reasonFor(move))));
	}

	async #reasonFor({ partition, decisionId }: MigrationSummary): Promise<string> {
		if (decisionId === undefined) return "";
		const known = this.#why.get(decisionId);
		if (known !== undefined) return known;
		const page = decisionsPage.safeParse(await this.#admin.get(`/admin/v1/partitions/${encodeURIComponent(partition)}/decisions`));
		const found = page.success ? page.data.decisions.find((decision) => decision.decisionId === decisionId) : undefined;
		const why = found === undefined ? "" : describeDecision(found);
		if (this.#why.size > MAX_KNOWN) this.#why.clear();
		this.#why.set(decisionId, why);
		return why;
	}
}

const WORDS: Readonly<Record<string, string>> = {
	running: "is moving",
	completed: "moved",
	cancelled: "stayed: cancelled move",
	rolledBack: "went back: move",
};

/** One move in words. Pure. */
export function describeMove(move: MigrationSummary, why: string): string {
	const when = move.startedAt === undefined ? "" : `${move.startedAt.slice(0, 16).replace("T", " ")} `;
	const stage = move.state === "running" && move.stage !== undefined ? ` [${move.stage}]` : "";
	const way = `${move.source ?? "?"} -> ${move.target ?? "?"}`;
	return `${when}${move.partition} ${WORDS[move.state] ?? move.state} ${way}${stage}${why === "" ? "" : `: ${why}`}`;
}

/** What a move is expected to save, in words. Pure. */
export function describeDecision({ savingMs, forecast, reason }: Decision): string {
	if (savingMs === undefined || forecast === undefined) return reason ?? "";
	const perDay = (forecast.expectedAccesses * 24) / forecast.windowHours;
	return `saves ${savingMs.toFixed(0)} ms x ${perDay < 10 ? perDay.toFixed(1) : perDay.toFixed(0)}/day`;
}
