import { expect, test } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { rttMs } from "#domain/geography/round-trip-time.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { decideRoute as decide, type RouteQuery } from "#domain/routing/decide-route.ts";
import { routeOf } from "#domain/routing/known-route.ts";
import { DEFAULT_PARTITION_RULE, parsePartitionRule } from "#domain/routing/partition-rule.ts";
import { readKind } from "#domain/routing/read-kind.ts";
import fc from "#test/__helpers__/fast-check.ts";

const name = fc.string({ unit: fc.constantFrom(..."abzAZ09._~:-"), minLength: 1, maxLength: 128 });
const regions = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId);
const [virginia, dublin, tokyo] = regions as [(typeof regions)[0], (typeof regions)[0], (typeof regions)[0]];
const region = fc.constantFrom(...regions);

const byPath = parsePartitionRule(DEFAULT_PARTITION_RULE);
const parsePartitionPath = (path: string) => byPath(path, {});

type Asked = Pick<RouteQuery, "nearRegion"> & Partial<Omit<RouteQuery, "client">> & { client: string; record: PartitionRecord | undefined };
const decideRoute = ({ record: given, client, ...more }: Asked) =>
	decide({
		client: () => client,
		partition: partitionId("acme"),
		known: given === undefined ? "absent" : routeOf(given),
		regions,
		rttMs,
		anyCopy: false,
		...more,
	});

const record = (more: Partial<PartitionRecord> = {}): PartitionRecord => ({
	partition: partitionId("acme"),
	leader: dublin,
	followers: [],
	epoch: 1,
	phase: "active",
	buckets: 4,
	version: 1,
	createdAtMs: 0,
	updatedAtMs: 0,
	leaderSinceMs: 0,
	...more,
});

test("every legal partition is read back, percent-encoded or not", () => {
	const encodedWhole = (text: string) => [...text].map((char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
	fc.assert(
		fc.property(name, fc.constantFrom("items/k", "items", "batch", "items/a%2Fb"), (partition, rest) => {
			for (const written of [partition, encodeURIComponent(partition), encodedWhole(partition)]) {
				expect(parsePartitionPath(`/v1/partitions/${written}/${rest}`)).toEqual({ kind: "partition", partition });
			}
		}),
		{ seed: 21 },
	);
});

test("no string makes the parser throw", () => {
	const any = fc.oneof(
		fc.string({ unit: "binary" }),
		fc.string().map((text) => `/v1/partitions/${text}/items/k`),
	);
	fc.assert(
		fc.property(any, (uri) => {
			expect(["partition", "problem"]).toContain(parsePartitionPath(uri).kind);
		}),
		{ seed: 22, numRuns: 1000 },
	);
});

test.each([
	["/", "route.not-found"],
	["/v1/partitions", "route.not-found"],
	["/v1/partitions/acme", "route.not-found"],
	["/v1/partitions/acme/", "route.not-found"],
	["/v2/partitions/acme/items/k", "route.not-found"],
	["/v1/partitions//items/k", "partition.invalid"],
	["/v1/partitions/a%2Fb/items/k", "partition.invalid"],
	["/v1/partitions/%zz/items/k", "partition.invalid"],
	["/v1/partitions/%E9/items/k", "partition.invalid"],
	[`/v1/partitions/${"x".repeat(129)}/items/k`, "partition.invalid"],
])("%s is %s", (uri, code) => {
	expect(parsePartitionPath(uri)).toMatchObject({ kind: "problem", code });
});

test("the leader answers unless the client is in the canary of a migration under way", () => {
	const arbitrary = fc.record({
		phase: fc.constantFrom("active", "migrating", "soaking", "settling", "rollingBack", "cancelling"),
		weight: fc.double({ min: 0, max: 1, noNaN: true }),
		client: fc.string(),
		nearRegion: region,
	});
	fc.assert(
		fc.property(arbitrary, ({ phase, weight, client, nearRegion }) => {
			const moving = record({ phase, migrationId: "m", canary: { target: tokyo, weight } } as Partial<PartitionRecord>);
			const route = decideRoute({ record: moving, client, nearRegion, regions });
			expect(route.buckets).toBe(4);
			expect(route.region).toBe(route.canary ? tokyo : dublin);
			if (phase !== "migrating") expect(route.canary).toBe(false);
		}),
		{ seed: 23 },
	);
});

test("who the client is, is asked of nobody where there is no canary", () => {
	const client = (): string => expect.fail("asked");
	const query = { partition: partitionId("acme"), client, nearRegion: tokyo, regions, rttMs, anyCopy: true };
	for (const known of ["absent", "unread", routeOf(record())] as const) expect(decide({ ...query, known }).canary).toBe(false);
});

test("a climbing canary only ever gains clients, up to all of them", () => {
	const inCanary = (client: string, weight: number) =>
		decideRoute({
			record: record({ phase: "migrating", migrationId: "m", canary: { target: tokyo, weight } }),
			client,
			nearRegion: dublin,
			regions,
		}).canary;
	fc.assert(
		fc.property(fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (client, a, b) => {
			if (inCanary(client, Math.min(a, b))) expect(inCanary(client, Math.max(a, b))).toBe(true);
			expect(inCanary(client, 0)).toBe(false);
			expect(inCanary(client, 1)).toBe(true);
		}),
		{ seed: 24 },
	);
});

test("each migration draws its clients anew, as many as its weight says", () => {
	const clients = Array.from({ length: 4000 }, (_, index) => `client-${index}`);
	const taken = (migrationId: string, weight: number) => {
		const moving = record({ phase: "migrating", migrationId, canary: { target: tokyo, weight } });
		return new Set(clients.filter((client) => decideRoute({ record: moving, client, nearRegion: dublin, regions }).canary));
	};
	fc.assert(
		fc.property(fc.uuid(), fc.uuid(), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (one, other, weight) => {
			fc.pre(one !== other);
			const [first, second] = [taken(one, weight), taken(other, weight)];
			// five standard deviations
			const near = (share: number) => 5 * Math.sqrt(clients.length * share * (1 - share));
			expect(Math.abs(first.size - weight * clients.length)).toBeLessThan(near(weight));
			const both = [...first].filter((client) => second.has(client)).length;
			expect(Math.abs(both - weight ** 2 * clients.length)).toBeLessThan(near(weight ** 2));
		}),
		{ seed: 26, numRuns: 25 },
	);
});

test("no canary goes where residency forbids a copy, or where nothing is deployed", () => {
	const moving = record({ phase: "migrating", canary: { target: tokyo, weight: 1 } });
	const at = (given: PartitionRecord, deployed = regions) =>
		decideRoute({ record: given, client: "c", nearRegion: virginia, regions: deployed });
	expect(at(moving)).toMatchObject({ region: tokyo, because: "canary" });
	expect(at({ ...moving, residency: [dublin, virginia] })).toMatchObject({ region: dublin, canary: false });
	expect(at(moving, [dublin, virginia])).toMatchObject({ region: dublin, canary: false });
});

test("without a record the nearest region is asked; without the leader's region, a follower's, else the nearest", () => {
	expect(decideRoute({ record: undefined, client: "c", nearRegion: tokyo, regions })).toMatchObject({
		region: tokyo,
		because: "first-touch",
	});
	const abroad = record({ leader: regionId("sa-east-1"), followers: [virginia] });
	expect(decideRoute({ record: abroad, client: "c", nearRegion: tokyo, regions }).region).toBe(virginia);
	expect(decideRoute({ record: { ...abroad, followers: [] }, client: "c", nearRegion: tokyo, regions }).region).toBe(tokyo);
});

const anyRecord = fc.record({
	leader: region,
	followers: fc.uniqueArray(region, { maxLength: 3 }),
	residency: fc.option(fc.uniqueArray(region, { minLength: 1, maxLength: 3 }), { nil: undefined }),
	phase: fc.constantFrom("active", "migrating", "soaking", "settling", "rollingBack", "cancelling"),
	weight: fc.double({ min: 0, max: 1, noNaN: true }),
});
const recordOf = ({ leader, followers, residency, phase, weight }: typeof anyRecord extends fc.Arbitrary<infer T> ? T : never) =>
	record({
		leader,
		followers: followers.filter((follower) => follower !== leader),
		phase: phase as PartitionRecord["phase"],
		...(phase === "active" ? {} : { migrationId: "m", canary: { target: tokyo, weight } }),
		...(residency === undefined ? {} : { residency }),
	});

test("a read that any copy may answer goes to the nearest copy that residency allows, and to the leader where none is nearer", () => {
	fc.assert(
		fc.property(anyRecord, fc.string(), region, (drawn, client, nearRegion) => {
			const partition = recordOf(drawn);
			const atLeader = decideRoute({ record: partition, client, nearRegion, regions });
			const route = decideRoute({ record: partition, client, nearRegion, regions, anyCopy: true });
			// The canary's share of clients is the same whatever is read.
			expect(route.canary).toBe(atLeader.canary);
			if (route.canary) return;
			const copies: RegionId[] = [
				partition.leader,
				...partition.followers.filter((follower) => partition.residency?.includes(follower) ?? true),
			];
			expect(copies).toContain(route.region);
			for (const copy of copies) expect(rttMs(nearRegion, route.region)).toBeLessThanOrEqual(rttMs(nearRegion, copy));
			if (rttMs(nearRegion, route.region) === rttMs(nearRegion, partition.leader)) expect(route).toEqual(atLeader);
		}),
		{ seed: 25 },
	);
});

test.each([
	["GET", "/v1/partitions/acme/items/k", "item"],
	["GET", "/v1/partitions/acme/items/a%2Fb", "item"],
	["GET", "/v1/partitions/acme/items", "list"],
	["PUT", "/v1/partitions/acme/items/k", "nothing"],
	["DELETE", "/v1/partitions/acme/items/k", "nothing"],
	["POST", "/v1/partitions/acme/batch", "nothing"],
	["GET", "/v1/partitions/acme/batch", "nothing"],
])("%s %s reads %s", (method, uri, kind) => {
	expect(readKind(method, uri)).toBe(kind);
});
