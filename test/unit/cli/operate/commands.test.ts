import { afterEach, describe, expect, it } from "vitest";
import { main } from "#cli/program.ts";
import { type Answers, fakeAdmin } from "#test/unit/cli/operate/fake-admin.ts";

type Fake = Awaited<ReturnType<typeof fakeAdmin>>;
let fake: Fake | undefined;
afterEach(async () => {
	await fake?.stop();
	fake = undefined;
});

/** Runs a command line against an API that answers so. */
async function run(answers: Answers, ...args: readonly string[]) {
	fake = await fakeAdmin(answers);
	let [out, err] = ["", ""];
	const code = await main(
		[...args, "--endpoint", fake.url, "--token", "secret"],
		(text) => (err += text),
		(text) => (out += text),
	);
	return { code, out, err, received: fake.received };
}

const record = { partition: "acme", leader: "eu-west-1", followers: ["us-east-1"], epoch: 3, phase: "active", frozen: true };

describe("an operating command", () => {
	it("shows a table, sends the token, and says how to go on", async () => {
		const path = "GET /admin/v1/partitions?home=eu-west-1&prefix=ac";
		const { code, out, received } = await run(
			{ [path]: [{ body: { partitions: [record], cursor: "next" } }] },
			"partitions",
			"list",
			"--home",
			"eu-west-1",
			"--prefix",
			"ac",
		);
		expect(code).toBe(0);
		expect(out.split("\n")).toEqual([
			"PARTITION  LEADER     FOLLOWERS  EPOCH  PHASE   PIN  RESIDENCY  FROZEN",
			"acme       eu-west-1  us-east-1  3      active  -    -          yes",
			"more: --cursor next",
			"",
		]);
		expect(received[0]?.headers.authorization).toBe("Bearer secret");
	});

	it("tells what placement has saved, in all, against the holdout group, and by partition", async () => {
		const sums = { accesses: 20, meanRttMs: 40, staticMeanRttMs: 90, savedMs: 1_000 };
		const againstHoldout = { placed: { ...sums, partitions: 3 }, holdout: { ...sums, partitions: 1 }, savedMsPerAccess: 49.5 };
		const body = {
			...sums,
			from: "F",
			to: "T",
			againstHoldout,
			partitionsCounted: 4,
			partitions: [{ ...sums, partition: "acme", holdout: false }],
		};
		const path = "GET /admin/v1/savings";
		const { code, out } = await run({ [path]: [{ body: { ...body, cursor: "1-2-1" } }] }, "savings");
		expect(code).toBe(0);
		expect(out.split("\n")).toEqual([
			"F to T: 20 accesses of 4 partitions",
			"mean round trip 40.0 ms, with static placement 90.0 ms: 1.0 s saved, 50.0 ms an access",
			"beyond what the 1 partitions of the holdout group saved: 49.5 ms an access",
			"PARTITION  ACCESSES  MEAN MS  STATIC MS  SAVED S  HOLDOUT",
			"acme       20        40.0     90.0       1.0      -",
			"more: --cursor 1-2-1",
			"",
		]);
		await fake?.stop();
		const next = `${path}?partition=acme&limit=1&cursor=1-2-1`;
		const asJson = await run({ [next]: [{ body }] }, "savings", "--partition", "acme", "--limit", "1", "--cursor", "1-2-1", "--json");
		expect(JSON.parse(asJson.out)).toEqual(body);
		await fake?.stop();
		const period = `${path}?from=2024-01-01T00%3A00%3A00.000Z`;
		const refused = await run(
			{ [period]: [{ status: 400, body: { code: "savings.period", detail: "no closed hour" } }] },
			"savings",
			"--from",
			"2024-01-01",
		);
		expect(refused).toMatchObject({ code: 2, err: "heliotrope: no closed hour (savings.period)\n" });
		await fake?.stop();
		expect(await run({}, "savings", "--from", "soon")).toMatchObject({ code: 2, err: /--from takes a time/ });
		await fake?.stop();
		expect(await run({}, "savings", "--cursor", "1-2-1", "--to", "2024-01-01")).toMatchObject({ code: 2, err: /--cursor goes on/ });
	});

	it("lists forecasts in pages", async () => {
		const vector = { windowHours: 6, madeAtMs: 0, regions: ["eu-west-1", "us-east-1"], probabilities: [0.25, 0.75], expectedAccesses: 4 };
		const body = { predictions: [{ partition: "acme", predictions: [vector, { ...vector, windowHours: 24 }] }], cursor: "next" };
		const { code, out } = await run(
			{ "GET /admin/v1/predictions?prefix=ac&limit=1": [{ body }] },
			"predictions",
			"list",
			"--prefix",
			"ac",
			"--limit",
			"1",
		);
		expect(code).toBe(0);
		expect(out).toContain(
			"acme       1970-01-01T00:00:00.000Z  6 h us-east-1 75.0 %, 24 h us-east-1 75.0 %  4.0, 4.0\nmore: --cursor next",
		);
	});

	it("lists, shows and forgets what a lost region took in", async () => {
		const path = "/admin/v1/partitions/acme/lost";
		const lost = { key: "a/b", what: "write", size: 2, writtenAt: "T", keptUntil: "U" };
		const query = "?region=eu-west-1";
		const answers: Answers = {
			[`GET ${path}${query}`]: [{ body: { partition: "acme", lost: [lost] } }],
			[`GET ${path}/a%2Fb${query}`]: [{ body: { ...lost, body: Buffer.from("hi").toString("base64") } }],
			[`DELETE ${path}/a%2Fb${query}`]: [{ body: { key: "a/b", forgotten: true } }],
		};
		expect((await run(answers, "partitions", "lost", "acme", "eu-west-1")).out).toContain("a/b  write  2      T        U");
		await fake?.stop();
		expect((await run(answers, "partitions", "lost-show", "acme", "eu-west-1", "--key", "a/b", "--body")).out).toBe("hi\n");
		await fake?.stop();
		expect((await run(answers, "partitions", "lost-forget", "acme", "eu-west-1", "--key", "a/b")).out).toContain("forgotten");
		await fake?.stop();
		expect(await run(answers, "partitions", "lost-forget", "acme", "eu-west-1")).toMatchObject({ code: 2, err: /--key/ });
	});

	it("watches what happens, page after page, and ends at the end of the feed when told to", async () => {
		const moved = { position: 7, at: "T", kind: "partition", partition: "acme", leader: "us-east-1", epoch: 4, phase: "soaking" };
		const change = { ...moved, changed: ["leader", "phase"], before: { leader: "eu-west-1", epoch: 3, phase: "migrating" } };
		const pages = {
			"GET /admin/v1/changes?after=6": [{ body: { changes: [change], cursor: "7" } }],
			"GET /admin/v1/changes?after=7": [{ body: { changes: [], cursor: "7" } }],
		};
		const { code, out } = await run(pages, "partitions", "watch", "--after", "6", "--once");
		expect(code).toBe(0);
		expect(out).toContain("T  acme  epoch 4  led by us-east-1 (before: eu-west-1); migrating -> soaking\n");
		expect(out).toContain("go on with --after 7");
		await fake?.stop();
		const asJson = await run(pages, "partitions", "watch", "--after", "6", "--once", "--json");
		expect(JSON.parse(asJson.out)).toEqual(change);
		await fake?.stop();
		const gone = { "GET /admin/v1/changes?after=1": [{ status: 410, body: { code: "changes.gone", detail: "not kept" } }] };
		expect(await run(gone, "partitions", "watch", "--after", "1", "--once")).toMatchObject({ code: 2, err: /not kept/ });
	});

	it("prints the API's own JSON when asked to, fields it does not know included", async () => {
		const body = { partitions: [{ ...record, later: { field: 1 } }] };
		const { out } = await run({ "GET /admin/v1/partitions": [{ body }] }, "partitions", "list", "--json");
		expect(JSON.parse(out)).toEqual(body);
	});

	it.each<[string, string, string, unknown]>([
		["partitions pin acme eu-west-1", "PATCH", "partitions/acme", { pin: "eu-west-1" }],
		["cursor-keys rotate", "POST", "cursor-keys/rotate", {}],
		["cursor-keys clear", "POST", "cursor-keys/clear", {}],
		["partitions unpin acme", "PATCH", "partitions/acme", { pin: null }],
		["partitions set-residency acme eu-west-1,eu-central-1", "PATCH", "partitions/acme", { residency: ["eu-west-1", "eu-central-1"] }],
		["partitions set-residency acme any", "PATCH", "partitions/acme", { residency: null }],
		["partitions freeze acme", "PATCH", "partitions/acme", { freeze: true }],
		["partitions unfreeze acme", "PATCH", "partitions/acme", { freeze: false }],
		["regions freeze eu-west-1", "PATCH", "freeze", { freezeRegions: ["eu-west-1"] }],
		["regions unfreeze eu-west-1", "PATCH", "freeze", { unfreezeRegions: ["eu-west-1"] }],
		["freeze set", "PATCH", "freeze", { global: true }],
		["freeze set --regions eu-west-1", "PATCH", "freeze", { freezeRegions: ["eu-west-1"] }],
		["freeze clear", "PUT", "freeze", { global: false, regions: [] }],
		["migrations cancel m-1", "POST", "migrations/m-1/cancel", {}],
		["migrations rollback m-1", "POST", "migrations/m-1/rollback", {}],
		["partitions remove-orphan acme eu-west-1", "POST", "partitions/acme/orphans/remove", { region: "eu-west-1" }],
		["migrations recover", "POST", "migrations/recover", {}],
		["events delete launch.1", "DELETE", "events/launch%2E1", {}],
		[
			"events declare launch --start 2024-01-01T00:00Z --end 2024-01-02T00:00Z --lift eu-west-1=3 --lift us-east-1=.5 --partition shop:*",
			"POST",
			"events",
			{
				name: "launch",
				start: "2024-01-01T00:00:00.000Z",
				end: "2024-01-02T00:00:00.000Z",
				lift: { "eu-west-1": 3, "us-east-1": 0.5 },
				partitions: ["shop:*"],
			},
		],
		["predictions run --at 2024-01-01T00:00Z", "POST", "predictions/run", { scheduledTime: "2024-01-01T00:00:00.000Z" }],
		[
			"migrations start acme --target eu-west-1 --keep-source --soak-seconds 5 --canary 0.5:2",
			"POST",
			"partitions/acme/migrations",
			{ target: "eu-west-1", keepSource: true, soakSeconds: 5, canary: [{ weight: 0.5, holdSeconds: 2 }] },
		],
		[
			"migrations start acme --add-follower eu-west-1 --add-follower us-east-1 --dry-run",
			"POST",
			"partitions/acme/migrations",
			{ actions: [{ addFollower: "eu-west-1" }, { addFollower: "us-east-1" }], dryRun: true },
		],
	])("%s", async (line, method, path, body) => {
		const answer = { ...record, cursorKeys: [], global: false, regions: [], migrationId: "m-1", removed: true };
		const { code, received, err } = await run({ [`${method} /admin/v1/${path}`]: [{ body: answer }] }, ...line.split(" "));
		expect([code, err]).toEqual([0, ""]);
		expect(received).toMatchObject([{ method, url: `/admin/v1/${path}`, body }]);
	});

	it.each<[string, string, number, string]>([
		["partitions show nobody", "", 404, "partition.unknown"],
		["migrations cancel m-1", "", 409, "migration.decided"],
		["partitions list", "", 401, "auth.missing"],
	])("%s tells a refusal in one line with its code, exit 2", async (line, _, status, code) => {
		const words = line.split(" ");
		const route =
			{ "partitions show nobody": "GET /admin/v1/partitions/nobody", "migrations cancel m-1": "POST /admin/v1/migrations/m-1/cancel" }[
				line
			] ?? "GET /admin/v1/partitions";
		const result = await run({ [route]: [{ status, body: { code, detail: "because\nof that" } }] }, ...words);
		expect(result).toMatchObject({ code: 2, out: "", err: `heliotrope: because of that (${code})\n` });
	});

	it("fails with 1 where the deployment failed, and with 2 where no admin API is", async () => {
		const problem = { code: "store.unavailable", detail: "later" };
		expect(await run({ "GET /admin/v1/freeze": [{ status: 503, body: problem }] }, "freeze", "show")).toMatchObject({ code: 1 });
		const web = await run({ "GET /admin/v1/freeze": [{ body: "<html>" }] }, "freeze", "show");
		expect(web).toMatchObject({ code: 2, err: expect.stringMatching(/^heliotrope: .* answered 200 without JSON.*\n$/) });
		const url = web.received.length === 1 ? fake?.url : undefined;
		await fake?.stop();
		fake = undefined;
		let err = "";
		expect(await main(["freeze", "show", "--token", "t", "--endpoint", url ?? ""], (text) => (err += text))).toBe(2);
		expect(err).toMatch(/^heliotrope: nothing answers at http:\/\/127.0.0.1:\d+ \(ECONNREFUSED\); .*\n$/);
	});

	it.each<[string, RegExp]>([
		["partitions", /give a command: partitions list, show, pin/],
		["partitions shwo", /partitions has no command shwo; known: list, show/],
		["partitions show", /missing required argument 'partition'/],
		["partitions show a b", /too many arguments/],
		["partitions show a/b", /is no partition/],
		["partitions pin acme mars", /is no AWS region/],
		["migrations start acme", /say what shall change/],
		["migrations start acme --target eu-west-1 --dry-run --watch", /--dry-run starts nothing/],
		["migrations show ../freeze", /is no migration/],
		["partitions list --colour", /unknown option '--colour'/],
	])("%s is refused in one line, exit 2, and nothing is sent", async (line, message) => {
		const { code, err, received } = await run({}, ...line.split(" "));
		expect(code).toBe(2);
		expect(err).toMatch(message);
		expect(err.split("\n")).toHaveLength(2);
		expect(received).toEqual([]);
	});
});

describe("watching a migration", () => {
	const at = (state: string, stage: string, more: object = {}) => ({
		body: { migrationId: "m-1", partition: "acme", state, stage, ...more },
	});

	it.each([
		["completed", 0],
		["failed", 1],
		["cancelled", 3],
		["rolledBack", 4],
	])("says what changes and ends %s with %i", async (state, exitCode) => {
		const running = at("running", "Synchronize", { progress: { items: 7, bytes: 0 } });
		const answers = { "GET /admin/v1/migrations/m-1": [running, at(state, "Settle", { reason: "so it was" })] };
		const { code, out } = await run(answers, "migrations", "watch", "m-1");
		expect(code).toBe(exitCode);
		expect(out.trimEnd().split("\n")).toEqual(["m-1: Synchronize, items 7", `m-1: ${state}, so it was`]);
	});

	it("follows what it has just started", async () => {
		const answers = {
			"POST /admin/v1/partitions/acme/migrations": [{ status: 202, body: { migrationId: "m-1" } }],
			"GET /admin/v1/migrations/m-1": [at("completed", "Settle")],
		};
		const { code, out } = await run(answers, "migrations", "start", "acme", "--target", "eu-west-1", "--watch");
		expect([code, out]).toEqual([0, "started m-1\nm-1: completed\n"]);
	});
});
