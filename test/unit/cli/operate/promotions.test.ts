import { afterEach, expect, it } from "vitest";
import { main } from "#cli/program.ts";
import { type Answers, fakeAdmin } from "#test/unit/cli/operate/fake-admin.ts";

let fake: Awaited<ReturnType<typeof fakeAdmin>> | undefined;
afterEach(async () => {
	await fake?.stop();
	fake = undefined;
});

async function run(answers: Answers, line: string) {
	fake = await fakeAdmin(answers);
	let [out, err] = ["", ""];
	const code = await main(
		[...line.split(" "), "--endpoint", fake.url, "--token", "secret"],
		(text) => (err += text),
		(text) => (out += text),
	);
	return { code, out, err, received: fake.received };
}

const PROMOTED = { partition: "acme", promoted: true, leader: "us-east-1", epoch: 5 };
const again = { status: 202, body: { partition: "acme", promoted: false, waitSeconds: 0 } };
const path = (partition: string, what: string) => `POST /admin/v1/partitions/${partition}/${what}`;

it("promotes with the same request until it is done", async () => {
	const answers = { [path("acme", "promote")]: [again, { body: PROMOTED }] };
	const { code, out, received } = await run(answers, "partitions promote acme us-east-1 --confirmed-off eu-west-1 ap-south-1");
	expect([code, received.map(({ body }) => body)]).toEqual([
		0,
		Array(2).fill({ target: "us-east-1", confirmedOff: ["eu-west-1", "ap-south-1"], mayLoseWrites: false }),
	]);
	expect(out).toContain("us-east-1");
});

it("promotes every partition of a region, tries its followers in turn, and tells which could not be promoted", async () => {
	const partitions = [
		{ partition: "acme", followers: ["us-east-1", "eu-west-1"] },
		{ partition: "alone", followers: [] },
	];
	const answers = {
		"GET /admin/v1/partitions?home=ap-northeast-1": [{ body: { partitions } }],
		[path("acme", "promote")]: [{ status: 409, body: { code: "promotion.target-unreachable", detail: "no" } }, { body: PROMOTED }],
	};
	const { code, out, received } = await run(answers, "regions promote ap-northeast-1 --may-lose-writes");
	expect(code).toBe(1);
	expect(received.slice(1).map(({ body }) => body)).toMatchObject([{ target: "us-east-1" }, { target: "eu-west-1", mayLoseWrites: true }]);
	expect(out).toMatch(/acme\s+eu-west-1\s+-\n/);
	expect(out).toMatch(/alone\s+-\s+it has no follower/);
});

it("lists every page of what is lost, and deletes only when told how many that were", async () => {
	const loss = { key: "a", writtenAtMs: 0, deleted: false, certain: true };
	const page = { state: "losses", losses: [loss], count: 1 };
	const listing = [
		{ status: 202, body: { state: "waiting", waitSeconds: 0 } },
		{ body: { ...page, cursor: "c" } },
		{ body: { ...page, count: 2 } },
	];
	const { code, out, received } = await run({ [path("acme", "reclaim")]: listing }, "partitions reclaim acme eu-west-1");
	expect(code).toBe(0);
	expect(out).toContain("2 losses; to delete this copy: --discard-losses 2");
	expect(received.map(({ body }) => body)).toEqual([
		{ region: "eu-west-1" },
		{ region: "eu-west-1" },
		{ region: "eu-west-1", cursor: "c" },
	]);
	await fake?.stop();
	const gone = await run(
		{ [path("acme", "reclaim")]: [{ body: { state: "reclaimed" } }] },
		"partitions reclaim acme eu-west-1 --discard-losses 2",
	);
	expect(gone.received[0]?.body).toEqual({ region: "eu-west-1", discardLosses: 2 });
	expect(gone.out).toContain("nothing of acme is left");
	await fake?.stop();
	expect((await run({}, "partitions reclaim acme eu-west-1 --discard-losses all")).code).toBe(2);
});
