import { SetTable } from "#domain/placement/sets/set-table.ts";
import type { FullAccount } from "#replay/engine/accounting/full-account.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";

/** A copy in every region: what may be read nearby is, the rest goes to the leader. Initial copies are free, as everywhere. */
export function playEverywhere(world: ReplayWorld, leader: Uint8Array, account: FullAccount): void {
	account.useTable(everySet(world));
	const { cells } = world.trace;
	for (let cell = 0; cell < cells.hour.length; cell += 1) account.serve(cell, 0, leader[cells.partition[cell] ?? 0] ?? 0);
}

const everySet = ({ table }: ReplayWorld): SetTable => new SetTable(table.regions, table.regions, table.rttMs);
