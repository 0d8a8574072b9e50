import * as z from "zod";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import type { VirtualNetwork } from "#local/network/virtual-network.ts";

/** What chaos may do to the parts of the local cloud. */
export interface ChaosTargets {
	readonly clock: LocalClock;
	readonly network: VirtualNetwork;
	readonly regions: readonly RegionId[];
	killEngine(region: RegionId): void;
	throttle(region: RegionId, share: number, untilMs: number): void;
	clearThrottles(): void;
	delayMetadata(region: RegionId | "*", seconds: number): void;
	restoreMetadata(): void;
	/** The next run of the stage dies before its `write`-th write (1-based). @throws RangeError when there is no such stage */
	crashStage(stage: string, write: number): void;
	forgetCrashes(): void;
}

const region = z.custom<RegionId>((value) => typeof value === "string" && isRegionId(value), "must be an AWS region code");
const seconds = z.number().positive().max(86_400);

const chaosSchema = z.discriminatedUnion("action", [
	z.strictObject({ action: z.literal("kill"), target: z.string().regex(/^engine:/, 'must be "engine:<region>"') }),
	z.strictObject({ action: z.literal("cut"), from: region, to: region, seconds }),
	z.strictObject({ action: z.literal("slow"), from: region, to: region, addMs: z.number().min(0).max(60_000), seconds }),
	z.strictObject({
		action: z.literal("delay-metadata"),
		region: z.union([z.literal("*"), region]),
		seconds: z.number().min(0).max(86_400),
	}),
	z.strictObject({ action: z.literal("throttle"), region, share: z.number().min(0).max(1), seconds }),
	z.strictObject({ action: z.literal("crash-stage"), stage: z.string(), write: z.int().min(1) }),
	z.strictObject({ action: z.literal("heal") }),
]);

type Chaos = z.infer<typeof chaosSchema>;

export type ChaosOutcome = { readonly ok: true; readonly applied: Chaos } | { readonly ok: false; readonly detail: string };

/** Injects one fault. A request that names what is not there changes nothing and says what would be right. */
export function applyChaos(request: unknown, targets: ChaosTargets): ChaosOutcome {
	const parsed = chaosSchema.safeParse(request);
	if (!parsed.success) return { ok: false, detail: z.prettifyError(parsed.error).replaceAll("\n", "; ") };
	const unknown = regionsOf(parsed.data).find((candidate) => !targets.regions.includes(candidate));
	if (unknown !== undefined) return { ok: false, detail: `region ${unknown} is not deployed, deployed are ${targets.regions.join(", ")}` };
	try {
		inject(parsed.data, targets);
	} catch (error) {
		if (error instanceof RangeError) return { ok: false, detail: error.message };
		throw error;
	}
	return { ok: true, applied: parsed.data };
}

const engineRegion = (target: string): RegionId => target.slice("engine:".length) as RegionId;

function regionsOf(chaos: Chaos): readonly RegionId[] {
	switch (chaos.action) {
		case "kill":
			return [engineRegion(chaos.target)];
		case "cut":
		case "slow":
			return [chaos.from, chaos.to];
		case "throttle":
			return [chaos.region];
		case "delay-metadata":
			return chaos.region === "*" ? [] : [chaos.region];
		default:
			return [];
	}
}

function inject(chaos: Chaos, targets: ChaosTargets): void {
	switch (chaos.action) {
		case "kill":
			targets.killEngine(engineRegion(chaos.target));
			break;
		case "cut":
			targets.network.cut(chaos.from, chaos.to, chaos.seconds * 1000);
			break;
		case "slow":
			targets.network.slow(chaos.from, chaos.to, chaos.addMs, chaos.seconds * 1000);
			break;
		case "delay-metadata":
			targets.delayMetadata(chaos.region, chaos.seconds);
			break;
		case "throttle":
			targets.throttle(chaos.region, chaos.share, targets.clock.nowMs() + chaos.seconds * 1000);
			break;
		case "crash-stage":
			targets.crashStage(chaos.stage, chaos.write);
			break;
		case "heal":
			targets.network.heal();
			targets.clearThrottles();
			targets.restoreMetadata();
			targets.forgetCrashes();
			break;
	}
}
