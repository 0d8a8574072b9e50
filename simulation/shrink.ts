import type { PlannedClient, Rates, Scenario } from "#simulation/scenario.ts";

/** Whether a smaller scenario still does what the larger one did. */
export type StillFails = (scenario: Scenario) => Promise<boolean>;

/** Runs that shrinking may take: a few seconds. */
const MAX_RUNS = 600;

/**
 * Takes parts of a failing scenario away, as long as it still fails: events, faults, migrations, clients, halves and then single
 * operations, whatever is not needed of the surroundings. Ends when nothing more can go, or after `MAX_RUNS` runs.
 */
export async function shrink(scenario: Scenario, stillFails: StillFails): Promise<Scenario> {
	let smallest = scenario;
	let runs = 0;
	for (let changed = true; changed; ) {
		changed = false;
		// Made anew after each success, for what is left has become less.
		for (const candidate of smaller(smallest)) {
			if (++runs > MAX_RUNS) return smallest;
			if (!(await stillFails(candidate))) continue;
			smallest = candidate;
			changed = true;
			break;
		}
	}
	return smallest;
}

/** Scenarios with something less, the largest steps first. */
function* smaller(scenario: Scenario): Iterable<Scenario> {
	const { migrations, events, clients } = scenario;
	if (migrations.length > 1) yield { ...scenario, migrations: migrations.slice(0, -1) };
	for (const index of clients.keys()) if (clients.length > 1) yield { ...scenario, clients: without(clients, index) };
	for (const index of events.keys()) yield { ...scenario, events: without(events, index) };
	for (const rate of Object.keys(scenario.rates) as (keyof Rates)[]) {
		if (scenario.rates[rate] > 0) yield { ...scenario, rates: { ...scenario.rates, [rate]: 0 } };
	}
	yield* simplerSurroundings(scenario);
	yield* fewerOperations(scenario);
}

function* simplerSurroundings(scenario: Scenario): Iterable<Scenario> {
	if (scenario.buckets > 1) yield { ...scenario, buckets: 1 };
	if (scenario.items > 0) yield { ...scenario, items: 0 };
	if (scenario.skewMs.some((skew) => skew > 0)) yield { ...scenario, skewMs: scenario.skewMs.map(() => 0) };
	if (scenario.metadataDelayMs > 100) yield { ...scenario, metadataDelayMs: 100 };
	if (scenario.followers.length > 0) yield { ...scenario, followers: scenario.followers.slice(0, -1) };
	if (scenario.distance > 1) yield { ...scenario, distance: 1 };
	if (scenario.pageSize < 100) yield { ...scenario, pageSize: 100 };
	if (scenario.migrations.some(({ canary }) => canary.length > 0))
		yield { ...scenario, migrations: scenario.migrations.map((migration) => ({ ...migration, canary: [] })) };
}

function* fewerOperations(scenario: Scenario): Iterable<Scenario> {
	const most = Math.max(...scenario.clients.map(({ operations }) => operations.length));
	for (let size = 2 ** Math.floor(Math.log2(Math.max(1, most / 2))); size >= 1; size /= 2) {
		for (const [index, client] of scenario.clients.entries()) {
			for (let start = 0; start < client.operations.length; start += size) yield withOperations(scenario, index, cut(client, start, size));
		}
		if (size < 1) return;
	}
}

const cut = ({ operations, ...client }: PlannedClient, start: number, size: number): PlannedClient => ({
	...client,
	operations: [...operations.slice(0, start), ...operations.slice(start + size)],
});

const withOperations = (scenario: Scenario, index: number, client: PlannedClient): Scenario => ({
	...scenario,
	clients: scenario.clients.map((one, i) => (i === index ? client : one)),
});

const without = <T>(list: readonly T[], index: number): readonly T[] => list.filter((_, i) => i !== index);
