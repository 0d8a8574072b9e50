import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { renderTable } from "#cli/operate/columns.ts";
import { connect } from "#cli/operate/connection.ts";
import { parseCanary, parseChange, partitionPath } from "#cli/operate/parse-flags.ts";
import { UsageError } from "#cli/usage-error.ts";
import fc from "#test/__helpers__/fast-check.ts";

const folder = mkdtempSync(join(tmpdir(), "heliotrope-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: unknown): string => {
	const path = join(folder, name);
	writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
	return path;
};

describe("where a deployment is", () => {
	it("is the local cloud by default, with the token of the flag, the data directory or the environment", () => {
		file("admin-token", "from-data\n");
		const proofOf = (flags: object, env: NodeJS.ProcessEnv) => connect(flags, env).proof;
		expect(connect({ token: "t" }, {}).endpoint.href).toBe("http://127.0.0.1:4600/");
		expect(proofOf({ token: "t", data: folder }, { HELIOTROPE_ADMIN_TOKEN: "env" })).toEqual({ kind: "bearer", token: "t" });
		expect(proofOf({ data: folder }, { HELIOTROPE_ADMIN_TOKEN: "env" })).toEqual({ kind: "bearer", token: "from-data" });
		expect(proofOf({}, { HELIOTROPE_ADMIN_TOKEN: "env" })).toEqual({ kind: "bearer", token: "env" });
		expect(connect({ data: folder }, {}).endpoint.href).toBe("http://127.0.0.1:4600/");
		file("endpoint", "http://127.0.0.1:4711\n");
		expect(connect({ data: folder }, {}).endpoint.href).toBe("http://127.0.0.1:4711/");
		expect(connect({ data: folder, endpoint: "http://127.0.0.1:4800" }, {}).endpoint.href).toBe("http://127.0.0.1:4800/");
	});

	it("is a signed function URL where the outputs of a deployment name one", () => {
		const url = "https://abc123.lambda-url.eu-central-1.on.aws/";
		const outputs = file("outputs.json", {
			"heliotrope-prod-region-eu-west-1": { DataPlaneUrl: "x" },
			"heliotrope-prod-control": { AdminUrl: url },
		});
		expect(connect({ outputs }, {})).toMatchObject({ endpoint: new URL(url), proof: { kind: "iam", region: "eu-central-1" } });
	});

	it.each<[object, RegExp]>([
		[{}, /no admin token/],
		[{ endpoint: "ftp://x" }, /--endpoint takes a URL/],
		[{ endpoint: "nonsense" }, /--endpoint takes a URL/],
		[{ data: "/nonexistent" }, /no admin-token/],
		[{ outputs: "/nonexistent" }, /cannot be read/],
		[{ outputs: file("empty.json", {}) }, /no stack with the output AdminUrl/],
		[{ outputs: file("two.json", { a: { AdminUrl: "https://a" }, b: { AdminUrl: "https://b" } }) }, /several deployments.*https:\/\/a/],
		[{ outputs: file("e.json", {}), endpoint: "http://x" }, /give one/],
	])("refuses %j", (flags, message) => {
		expect(() => connect(flags, {})).toThrow(UsageError);
		expect(() => connect(flags, {})).toThrow(message);
	});
});

describe("what shall change", () => {
	it("is a target, or actions in the order in which a plan can carry them out", () => {
		expect(parseChange({ target: "eu-west-1", keepSource: true })).toEqual({ target: "eu-west-1", keepSource: true });
		expect(parseChange({ removeFollower: ["us-east-1"], transfer: "eu-west-1", addFollower: ["eu-west-1", "sa-east-1"] })).toEqual({
			actions: [
				{ addFollower: "eu-west-1" },
				{ addFollower: "sa-east-1" },
				{ transferLeadership: "eu-west-1" },
				{ removeFollower: "us-east-1" },
			],
		});
	});

	it.each<[Parameters<typeof parseChange>[0], RegExp]>([
		[{}, /say what shall change/],
		[{ target: "eu-west-1", transfer: "eu-west-1" }, /whole move/],
		[{ transfer: "eu-west-1", keepSource: true }, /belongs to --target/],
		[{ target: "Ireland" }, /no AWS region/],
	])("refuses %j", (flags, message) => expect(() => parseChange(flags)).toThrow(message));

	it("takes canary steps, and none", () => {
		expect(parseCanary("0.1:60, 1:5.5")).toEqual([
			{ weight: 0.1, holdSeconds: 60 },
			{ weight: 1, holdSeconds: 5.5 },
		]);
		expect(parseCanary("none")).toEqual([]);
		for (const wrong of ["", "0.1", "0:5", "1.5:5", "0.1:-5", "a:b"]) expect(() => parseCanary(wrong)).toThrow(UsageError);
	});

	it("names a partition so that no URL parser reads its dots as a way up", () => {
		expect(partitionPath("..")).toBe("partitions/%2E%2E");
		expect(() => partitionPath("a/b")).toThrow(UsageError);
	});
});

describe("a table", () => {
	const cell = fc.string({ unit: fc.constantFrom("a", "-", "0"), minLength: 1, maxLength: 12 });

	it("has every cell, each column beginning at the same place in every line", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 }), (rows) => {
				const lines = renderTable(["one", "two", "three"], rows);
				expect(lines).toHaveLength(rows.length + 1);
				const second = Math.max("one".length, ...rows.map(([first]) => first.length)) + 2;
				for (const [index, row] of rows.entries()) {
					const line = lines[index + 1] ?? "";
					expect(line.split(/ +/)).toEqual(row);
					expect(line.slice(second).startsWith(row[1])).toBe(true);
					expect(line.slice(row[0].length, second).trim()).toBe("");
				}
			}),
		);
	});
});
