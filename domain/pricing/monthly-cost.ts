import { regionId } from "#domain/geography/region-id.ts";
import { findPrice, findTransferPrice, Priced, type PriceTable } from "#domain/pricing/price-table.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";
import { readUnits, replicatedWriteUnits, writeUnits } from "#domain/pricing/request-units.ts";

/** How a write reaches the other copies. */
export const Replication = {
	/** By our carrier: a transaction with the fence at each follower, a read at the leader. */
	Carried: "carried",
	/** By DynamoDB global tables. */
	GlobalTable: "global-table",
} as const;
export type Replication = (typeof Replication)[keyof typeof Replication];

/** What one partition, or a whole application, asks of its regions in a month. Shares are by region code. */
export interface MonthlyLoad {
	/** Share of the month for which each region holds a copy, 0..1; the sum is the mean number of copies. */
	readonly copies: Readonly<Record<string, number>>;
	/** Share of the writes that each region accepts as the leader. Sums to 1; a region leads no longer than it holds a copy. */
	readonly leads: Readonly<Record<string, number>>;
	/** Share of the reads that each region answers. Sums to 1. @default leads */
	readonly answers?: Readonly<Record<string, number>>;
	/** Bytes of one copy, keys and attribute names included. */
	readonly storedBytes: number;
	/** Mean size of an item. @default 1024 */
	readonly itemBytes?: number;
	readonly writesPerMonth: number;
	/** Strongly consistent; global tables answer at half a unit because their reads elsewhere cannot be strong. */
	readonly readsPerMonth: number;
	/** Bytes that migrations copied between regions in the month, by the region that sent them: pages, digests and proofs. @default none */
	readonly movedBytes?: Readonly<Record<string, number>>;
	/** @default carried */
	readonly replication?: Replication;
}

/** US dollars a month by what they are paid for, before agreements, taxes and allowances. */
export interface MonthlyCost {
	readonly usd: number;
	readonly storageUsd: number;
	/** Writes at the leader. */
	readonly writeUsd: number;
	readonly readUsd: number;
	/** Requests that replication makes: writes at copies, reads at the leader. */
	readonly replicationUsd: number;
	/** Bytes between regions: replication and migrations. */
	readonly transferUsd: number;
	/** What had no source, as `<priced> <region>`, sorted: these figures are upper bounds. */
	readonly assumed: readonly string[];
}

const DEFAULT_ITEM_BYTES = 1024;

/** What a load costs a month in DynamoDB and between regions. Pure; grows with every quantity. */
export function monthlyCostUsd(load: MonthlyLoad, prices: PriceTable = PUBLISHED_PRICES): MonthlyCost {
	const purse = new Purse(prices);
	const itemBytes = load.itemBytes ?? DEFAULT_ITEM_BYTES;
	const replication = load.replication ?? Replication.Carried;
	const storageUsd = sum(load.copies, (region, share) => purse.pay(Priced.StorageGbMonth, region, (share * load.storedBytes) / 1e9));
	const writeUsd = sum(load.leads, (region, share) =>
		purse.pay(leaderWrite(replication), region, share * load.writesPerMonth * writeUnits(itemBytes)),
	);
	const readUsd = sum(load.answers ?? load.leads, (region, share) =>
		purse.pay(Priced.ReadUnit, region, share * load.readsPerMonth * readUnits(itemBytes) * (replication === Replication.Carried ? 1 : 0.5)),
	);
	const replicationUsd = replicationCost(load, replication, itemBytes, purse);
	const transferUsd = transferCost(load, itemBytes, purse);
	const usd = storageUsd + writeUsd + readUsd + replicationUsd + transferUsd;
	return { usd, storageUsd, writeUsd, readUsd, replicationUsd, transferUsd, assumed: purse.assumed() };
}

/** In a global table every write counts as a replicated one, also where it is made. */
const leaderWrite = (replication: Replication): Priced =>
	replication === Replication.GlobalTable ? Priced.ReplicatedWriteUnit : Priced.WriteUnit;

/** Writes that reach a region as a follower: those of the time it holds a copy and does not lead. */
const followed = ({ copies, leads, writesPerMonth }: MonthlyLoad, region: string): number =>
	Math.max(0, (copies[region] ?? 0) - (leads[region] ?? 0)) * writesPerMonth;

function replicationCost(load: MonthlyLoad, replication: Replication, itemBytes: number, purse: Purse): number {
	if (replication === Replication.GlobalTable) {
		return sum(load.copies, (region) => purse.pay(Priced.ReplicatedWriteUnit, region, followed(load, region) * writeUnits(itemBytes)));
	}
	const atFollowers = sum(load.copies, (region) =>
		purse.pay(Priced.WriteUnit, region, followed(load, region) * replicatedWriteUnits(itemBytes)),
	);
	// One read at the leader serves all copies of a key, and nobody reads where there is no other copy
	const hasFollower = Math.min(1, Math.max(0, total(load.copies) - 1));
	const atLeader = sum(load.leads, (region, share) =>
		purse.pay(Priced.ReadUnit, region, share * load.writesPerMonth * hasFollower * readUnits(itemBytes)),
	);
	return atFollowers + atLeader;
}

function transferCost(load: MonthlyLoad, itemBytes: number, purse: Purse): number {
	const replicated = sum(load.leads, (from, leadShare) =>
		sum(load.copies, (to) => (from === to ? 0 : purse.send(from, to, leadShare * followed(load, to) * itemBytes))),
	);
	return replicated + sum(load.movedBytes ?? {}, (from, bytes) => purse.sendAway(from, bytes));
}

/** Pays, and remembers which of the prices were assumed. */
class Purse {
	readonly #prices: PriceTable;
	readonly #assumed = new Set<string>();

	constructor(prices: PriceTable) {
		this.#prices = prices;
	}

	pay(priced: Priced, region: string, quantity: number): number {
		return this.#count(findPrice(this.#prices, priced, regionId(region)), `${priced} ${region}`, quantity);
	}

	send(from: string, to: string, bytes: number): number {
		const found = findTransferPrice(this.#prices, regionId(from), regionId(to));
		return this.#count(found, `${Priced.TransferGb} ${from}`, bytes / 1e9);
	}

	/** To a region that is not said: at the sender's general price. */
	sendAway(from: string, bytes: number): number {
		return this.pay(Priced.TransferGb, from, bytes / 1e9);
	}

	assumed(): readonly string[] {
		return [...this.#assumed].toSorted();
	}

	#count({ usdPerUnit, source }: { usdPerUnit: number; source: string }, label: string, quantity: number): number {
		if (quantity === 0) return 0;
		if (source === "assumed") this.#assumed.add(label);
		return usdPerUnit * quantity;
	}
}

const total = (shares: Readonly<Record<string, number>>): number => Object.values(shares).reduce((all, share) => all + share, 0);

const sum = (shares: Readonly<Record<string, number>>, usd: (region: string, share: number) => number): number =>
	Object.entries(shares).reduce((all, [region, share]) => all + usd(region, share), 0);
