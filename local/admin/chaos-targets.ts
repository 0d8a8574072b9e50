import { readFileSync } from "node:fs";
import type { RegionId } from "#domain/geography/region-id.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { functionSubstitution } from "#infra/description/state-machines.ts";
import type { ChaosTargets } from "#local/admin/chaos.ts";
import type { StageCrashes } from "#local/admin/stage-crashes.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import type { Engines } from "#local/engines/engines.ts";
import type { Gateway } from "#local/gateway/gateway.ts";
import type { VirtualNetwork } from "#local/network/virtual-network.ts";
import type { GlobalTableReplicator } from "#local/replication/global-table.ts";
import { taskResources } from "#local/step-functions/task-resources.ts";

export interface ChaosParts {
	readonly clock: LocalClock;
	readonly network: VirtualNetwork;
	readonly regions: readonly RegionId[];
	readonly engines: Engines;
	readonly gateway: Gateway;
	readonly replicator: GlobalTableReplicator;
	readonly crashes: StageCrashes;
}

const MIGRATE = new URL("../../state-machines/migrate.asl.json", import.meta.url);

/** The parts of the local cloud as chaos sees them. */
export function chaosTargets({ clock, network, regions, engines, gateway, replicator, crashes }: ChaosParts): ChaosTargets {
	return {
		clock,
		network,
		regions,
		killEngine: (region) => engines.kill(region),
		throttle: (region, share, untilMs) => gateway.throttle(region, share, untilMs),
		clearThrottles: () => gateway.clearThrottles(),
		delayMetadata: (region, seconds) => replicator.delay(region, seconds),
		restoreMetadata: () => replicator.heal(),
		crashStage: (stage, write) => crashes.plan(functionOfStage(stage), write),
		forgetCrashes: () => crashes.forget(),
	};
}

/** The function behind a state of the migrate machine. */
function functionOfStage(stage: string): string {
	const resources = taskResources(JSON.parse(readFileSync(MIGRATE, "utf8")));
	const resource = resources.get(stage);
	const fn = FUNCTIONS.find(({ name }) => resource === `\${${functionSubstitution(name)}}`);
	if (fn === undefined) throw new RangeError(`no stage ${stage}, stages are ${[...resources.keys()].join(", ")}`);
	return fn.name;
}
