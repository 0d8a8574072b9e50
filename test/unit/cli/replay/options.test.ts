import { describe, expect, it } from "vitest";
import { parseReplayOptions, type RawReplayOptions } from "#cli/replay/replay-options.ts";
import { UsageError } from "#cli/usage-error.ts";
import { PolicyName } from "#replay/result/replay-result.ts";

const trace = ["a.csv"];

describe("the flags of replay", () => {
	it("charge and allow what the documentation says where nothing is given", () => {
		const { log, settings, policies } = parseReplayOptions({ trace });
		expect(settings).toMatchObject({
			copies: 1,
			moveCostMs: 100,
			transferCostMs: 1,
			readShare: 0,
			scoreFrom: 0.5,
			seed: 1,
			rtt: "modelled",
		});
		expect(settings.regions).toHaveLength(9);
		expect(policies).toEqual(Object.values(PolicyName));
		expect(log).toMatchObject({ files: [expect.stringMatching(/\/a\.csv$/)], fromMs: undefined, toMs: undefined });
	});

	it("take what is given", () => {
		const raw = {
			trace: ["a", "b"],
			copies: "3",
			moveCost: "0",
			transferCost: ".5",
			readShare: "1",
			scoreFrom: "0.25",
			rtt: "m.csv",
			seed: "7",
		};
		const options = parseReplayOptions({
			...raw,
			policy: "predictive, static-region",
			regions: "eu-west-1,us-east-1,sa-east-1",
			from: "2023-01-01",
		});
		expect(options.settings).toMatchObject({
			copies: 3,
			moveCostMs: 0,
			transferCostMs: 0.5,
			readShare: 1,
			scoreFrom: 0.25,
			seed: 7,
			rtt: "measured",
		});
		expect(options.policies).toEqual([PolicyName.StaticRegion, PolicyName.Predictive]);
		expect(options.log.files).toHaveLength(2);
		expect(options.log.fromMs).toBe(Date.UTC(2023, 0));
	});

	it.each<[RawReplayOptions, RegExp]>([
		[{}, /--trace FILE/],
		[{ trace, regions: "eu-west-1" }, /one region only/],
		[{ trace, regions: "atlantis-1" }, /not a known AWS region/],
		[{ trace, prices: "no-such.json" }, /--prices no-such\.json cannot be read/],
		[{ trace, copies: "0" }, /--copies takes a whole number from 1 to 5/],
		[{ trace, copies: "6" }, /--copies takes a whole number from 1 to 5/],
		[{ trace, copies: "1.5" }, /--copies takes a whole number/],
		[{ trace, copies: "3", regions: "eu-west-1,us-east-1" }, /--copies 3 needs as many regions/],
		[{ trace, capacity: "us-east-1=1,us-east-1=2" }, /--capacity names us-east-1 twice/],
		[{ trace, moveCost: "-1" }, /--move-cost takes a number/],
		[{ trace, transferCost: "cheap" }, /--transfer-cost takes a number/],
		[{ trace, readShare: "2" }, /--read-share takes a number from 0 to 1/],
		[{ trace, scoreFrom: "0" }, /--score-from takes a number from 0.05/],
		[{ trace, policy: "clairvoyant" }, /"clairvoyant" is no policy; known are static-region/],
		[{ trace, seed: "x" }, /--seed takes a whole number/],
		[{ trace, json: "/nowhere/out.json" }, /--json .* not a directory/],
		[{ trace, json: "/proc/out.json" }, /--json .* \/proc is not a directory/],
		[{ trace, json: "package.json/out.json" }, /--json .*package\.json is not a directory/],
		[{ trace, html: "/tmp" }, /--html "\/tmp" is a directory/],
		[{ trace, from: "2024-01-01", to: "2023-01-01" }, /must be before/],
		[{ trace, partitionFrom: "/tenants" }, /--partition-from needs \{partition\} once/],
	])("%o is told in one line", (raw, message) => {
		expect(() => parseReplayOptions(raw)).toThrow(UsageError);
		expect(() => parseReplayOptions(raw)).toThrow(message);
	});
});
