import { parseNumber, parseOutFile, parseWhole, quote } from "#cli/parse-values.ts";
import { readPricesFile } from "#cli/read-prices-file.ts";
import { type LogOptions, parseLogOptions, type RawLogOptions } from "#cli/replay/log-options.ts";
import { parseOutsideOptions, type RawOutsideOptions } from "#cli/replay/outside-options.ts";
import { chooseModel } from "#cli/train/choose-model.ts";
import { UsageError } from "#cli/usage-error.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { OutsideSources } from "#predictor/external/outside.ts";
import type { ModelArtefact } from "#predictor/models/artefact.ts";
import { PolicyName, type ReplaySettings } from "#replay/result/replay-result.ts";

/** The flags of `replay`, checked. */
export interface ReplayOptions {
	readonly log: LogOptions;
	readonly settings: ReplaySettings;
	readonly policies: readonly PolicyName[];
	readonly outside: OutsideSources;
	readonly model: ModelArtefact | undefined;
	readonly json: string | undefined;
	readonly html: string | undefined;
}

/** The flags as the command line gives them. */
export interface RawReplayOptions extends RawLogOptions, RawOutsideOptions {
	readonly policy?: string;
	readonly model?: string;
	readonly json?: string;
	readonly html?: string;
	readonly copies?: string;
	readonly moveCost?: string;
	readonly transferCost?: string;
	readonly readShare?: string;
	readonly objectBytes?: string;
	readonly prices?: string;
	readonly capacity?: string;
	readonly copiesPerHour?: string;
	readonly scoreFrom?: string;
	readonly seed?: string;
}

/** What is charged and allowed where no flag says otherwise. */
export const REPLAY_DEFAULTS = { copies: "1", moveCost: "100", transferCost: "1", readShare: "0", scoreFrom: "0.5", seed: "1" } as const;

const MAX_COPIES = 5;
const MAX_COST = 1e9;
/** As large as the data plane takes them. */
const MAX_OBJECT_BYTES = 262_144;
const MAX_COPIES_COUNTED = 1e9;

/** Checks the flags of `replay`. @throws UsageError */
export function parseReplayOptions(raw: RawReplayOptions): ReplayOptions {
	const log = parseLogOptions(raw);
	const given = raw.copies ?? REPLAY_DEFAULTS.copies;
	const copies = /^\d$/.test(given) ? Number(given) : Number.NaN;
	if (!(copies >= 1 && copies <= MAX_COPIES))
		throw new UsageError(`--copies takes a whole number from 1 to ${MAX_COPIES} (copies of each partition), not ${quote(given)}`);
	if (copies > log.regions.length) throw new UsageError(`--copies ${copies} needs as many regions; --regions names ${log.regions.length}`);
	const scoreFrom = parseNumber("--score-from", raw.scoreFrom ?? REPLAY_DEFAULTS.scoreFrom, 0.05, 0.95, "the part of the log that trains");
	const outside = parseOutsideOptions(raw, log.regions);
	const model = raw.model === undefined ? undefined : chooseModel(raw.model);
	return {
		log,
		settings: {
			regions: log.regions,
			copies,
			moveCostMs: parseNumber("--move-cost", raw.moveCost ?? REPLAY_DEFAULTS.moveCost, 0, MAX_COST, "ms·accesses a move"),
			transferCostMs: parseNumber(
				"--transfer-cost",
				raw.transferCost ?? REPLAY_DEFAULTS.transferCost,
				0,
				MAX_COST,
				"ms·accesses a transfer of leadership",
			),
			readShare: parseNumber("--read-share", raw.readShare ?? REPLAY_DEFAULTS.readShare, 0, 1, "the part that the nearest copy may answer"),
			...(raw.objectBytes === undefined
				? {}
				: { objectBytes: parseNumber("--object-bytes", raw.objectBytes, 1, MAX_OBJECT_BYTES, "bytes of an object") }),
			...(raw.prices === undefined ? {} : { prices: readPricesFile(raw.prices) }),
			...(raw.capacity === undefined ? {} : { capacity: parseCapacity(raw.capacity, log.regions) }),
			...(raw.copiesPerHour === undefined
				? {}
				: { copiesPerHour: parseWhole("--copies-per-hour", raw.copiesPerHour, MAX_COPIES_COUNTED, "copies made in an hour") }),
			scoreFrom,
			seed: parseWhole("--seed", raw.seed ?? REPLAY_DEFAULTS.seed, 2 ** 32 - 1, "another seed is another resampling"),
			rtt: log.rttFile === undefined ? "modelled" : "measured",
			...describeLog(log),
			...(outside.events.length === 0 ? {} : { events: outside.events.map(({ name }) => name) }),
			holidays: outside.holidays,
			...(model === undefined ? {} : { model: describeModel(model) }),
		},
		policies: parsePolicies(raw.policy),
		outside,
		model,
		json: parseOutFile("--json", raw.json),
		html: parseOutFile("--html", raw.html),
	};
}

const describeLog = ({ rttFile, fromMs, toMs, partitionFrom }: LogOptions): Partial<ReplaySettings> => ({
	...(rttFile === undefined ? {} : { rttFile }),
	...(fromMs === undefined ? {} : { from: new Date(fromMs).toISOString() }),
	...(toMs === undefined ? {} : { to: new Date(toMs).toISOString() }),
	...(partitionFrom === undefined ? {} : { partitionFrom }),
});

const describeModel = ({ name, trained }: ModelArtefact): NonNullable<ReplaySettings["model"]> => ({
	name,
	...(trained === undefined ? {} : { trained: { from: trained.from, to: trained.to } }),
});

/** `500` for every region, or `us-east-1=500,eu-west-1=0`; regions that are not named have no limit. */
function parseCapacity(text: string, regions: readonly RegionId[]): Readonly<Record<RegionId, number>> {
	const copies = (value: string): number => parseWhole("--capacity", value, MAX_COPIES_COUNTED, "copies that a region holds at most");
	if (!text.includes("=")) return Object.fromEntries(regions.map((region) => [region, copies(text)]));
	const limits: Record<RegionId, number> = {};
	for (const part of text.split(",")) {
		const [name = "", value = ""] = part.split("=").map((side) => side.trim());
		const region = regions.find((known) => known === name);
		if (region === undefined) throw new UsageError(`--capacity: ${quote(name)} is not among the regions ${regions.join(", ")}`);
		if (limits[region] !== undefined) throw new UsageError(`--capacity names ${region} twice`);
		limits[region] = copies(value);
	}
	return limits;
}

function parsePolicies(text: string | undefined): readonly PolicyName[] {
	const known = Object.values(PolicyName);
	if (text === undefined) return known;
	const names = text.split(",").map((name) => name.trim());
	const unknown = names.find((name) => !(known as string[]).includes(name));
	if (unknown !== undefined) throw new UsageError(`--policy: ${quote(unknown)} is no policy; known are ${known.join(", ")}`);
	return known.filter((name) => names.includes(name));
}
