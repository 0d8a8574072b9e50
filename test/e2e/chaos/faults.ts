import { setTimeout as pause } from "node:timers/promises";
import { choose } from "#test/e2e/chaos/client.ts";
import type { Host } from "#test/e2e/chaos/host.ts";
import { FaultKind } from "#test/e2e/chaos/options.ts";
import type { Tally } from "#test/e2e/chaos/tally.ts";

const STAGES = [
	"Plan",
	"CreateReplica",
	"Quiesce",
	"Synchronize",
	"Verify",
	"ShiftTraffic",
	"Cutover",
	"UpdateMetadata",
	"Soak",
	"RemoveSource",
	"Settle",
	"Cancel",
	"RollBack",
] as const;

export interface FaultWorld {
	readonly host: Pick<Host, "admin" | "regions">;
	readonly tally: Tally;
	/** Injected first, in this order. */
	readonly first: readonly FaultKind[];
	/** Answers to clients between two faults. */
	readonly answersAFault: number;
	isStopped(): boolean;
}

/** Injects one fault after the other until it is told to stop. They end by themselves. */
export async function runFaults({ host, tally, first, answersAFault, isStopped }: FaultWorld, random: () => number): Promise<void> {
	for (let n = 0; !isStopped(); n += 1) {
		const enough = tally.sum("answered") + answersAFault * (0.5 + random());
		while (tally.sum("answered") < enough && !isStopped()) await pause(20);
		if (isStopped()) return;
		const fault = faultOf(first[n] ?? choose(Object.values(FaultKind), random), host.regions, random);
		const answer = await host.admin("POST", "chaos", fault);
		tally.count(answer?.status === 202 ? `fault ${fault.action}` : `fault not injected: ${answer?.status ?? "no answer"}`);
	}
}

function faultOf(
	action: FaultKind,
	regions: readonly string[],
	random: () => number,
): Readonly<Record<string, unknown>> & { readonly action: string } {
	const region = choose(regions, random);
	const to = choose(
		regions.filter((other) => other !== region),
		random,
	);
	switch (action) {
		case FaultKind.KillEngine:
			return { action, target: `engine:${region}` };
		case FaultKind.CutLink:
			return { action, from: region, to, seconds: 1 + Math.floor(random() * 10) };
		case FaultKind.Slow:
			return { action, from: region, to, addMs: 400, seconds: 10 };
		case FaultKind.DelayMetadata:
			return { action, region: random() < 0.5 ? "*" : region, seconds: 30 };
		case FaultKind.Throttle:
			return { action, region, share: 0.3, seconds: 10 };
		case FaultKind.CrashStage:
			return { action, stage: choose(STAGES, random), write: 1 + Math.floor(random() * 6) };
	}
}
