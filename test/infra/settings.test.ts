import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cronExpression } from "#infra/constructs/schedule-expression.ts";
import { permissionsOf } from "#infra/description/permissions.ts";
import { SCHEDULES } from "#infra/description/schedules.ts";
import { loadSettings } from "#infra/load-settings.ts";
import { scheduled } from "#infra/settings/scheduled.ts";
import { parseSettings, SettingsError } from "#infra/settings.ts";
import fc from "#test/__helpers__/fast-check.ts";

const GOOD = { stage: "dev", regions: ["us-east-1", "eu-west-1"], controlRegion: "us-east-1" };

/** Beside the smallest, so that every field is there. */
const LARGEST = {
	account: "123456789012",
	access: { mode: "off" },
	capacity: { dataPlaneConcurrency: 1, tableWriteUnits: 10, tableReadUnits: 10 },
	budgets: { bytesPerRun: 1, monthlyUsd: 1 },
	domain: { names: ["data.example.com"], certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/a" },
	firewall: { requestsPerFiveMinutes: 10 },
	alarms: { runbooksUrl: "https://git.example.com/runbooks" },
};

function messageOf(input: unknown): string {
	try {
		parseSettings(input);
		return "";
	} catch (error) {
		return (error as Error).message;
	}
}

/** Settings that are wrong in one place each, by the kind of the value there. */
function wrongKinds(value: unknown): readonly unknown[] {
	const inner = (at: string | number, within: unknown, put: (wrong: unknown) => unknown): readonly unknown[] =>
		// Policies have messages of their own
		at === "access" ? [null].map(put) : wrongKinds(within).map(put);
	const here = [null, true, 1.5, "x", [], {}];
	if (Array.isArray(value)) return [...here, ...value.flatMap((one, index) => inner(index, one, (wrong) => value.with(index, wrong)))];
	if (typeof value !== "object" || value === null) return here;
	return [...here, ...Object.entries(value).flatMap(([key, one]) => inner(key, one, (wrong) => ({ ...value, [key]: wrong })))];
}

describe("settings", () => {
	test("fill in what may be left out", () => {
		expect(parseSettings(GOOD)).toMatchObject({
			...GOOD,
			protectData: true,
			retiredRegions: [],
			residency: [],
			budgets: { movesPerRun: 50, transfersPerRun: 200 },
			schedules: { predictMinutes: 60, trainDays: 7 },
			model: { endpoint: { kind: "serverless", memoryMb: 2048 }, image: { build: true } },
			encryption: { kind: "aws-managed" },
			tags: {},
		});
	});

	test.each([
		[{ ...GOOD, stage: "Prod!" }, "stage: must be 1 to 20 of a-z"],
		[{ ...GOOD, regions: [] }, "regions: must name at least one region"],
		[{ ...GOOD, regions: ["us-east-1", "europe"] }, "regions.1: must be an AWS region code such as eu-west-1"],
		[{ ...GOOD, regions: ["us-east-1", "us-east-1"] }, "regions: names a region twice"],
		[{ ...GOOD, controlRegion: "sa-east-1" }, "controlRegion: must be one of regions"],
		[{ ...GOOD, account: "42" }, "account: must be the 12 digits"],
		[{ ...GOOD, colour: "blue" }, "settings: colour is no setting; there are stage, regions,"],
		[{ ...GOOD, capacity: { fast: true } }, "capacity: fast is no setting"],
		[undefined, 'settings: must be an object such as {stage: "dev", regions: ["us-east-1"], controlRegion: "us-east-1"}'],
		[{}, "stage: must be 1 to 20 of a-z"],
		[{}, "regions: must be a list of AWS region codes"],
		[{}, "controlRegion: must be an AWS region code"],
		[{ ...GOOD, tags: { team: 7 } }, 'tags.team: must be text such as "places"'],
		[{ ...GOOD, console: { kind: "ldap" } }, "console.kind: must be iam or cognito"],
		[{ ...GOOD, encryption: { kind: "none" } }, "encryption.kind: must be aws-managed or customer-managed"],
		[{ ...GOOD, retiredRegions: ["eu-west-1"] }, "retiredRegions: eu-west-1 is still in regions"],
		[{ ...GOOD, residency: [{ partitions: "eu *", regions: ["eu-west-1"] }] }, "residency.0.partitions: must be a partition's name"],
		[{ ...GOOD, residency: [{ partitions: "eu-*", regions: ["eu-north-1"] }] }, "residency.0.regions: eu-north-1 is not in regions"],
		[{ ...GOOD, capacity: { dataPlaneConcurrency: 0 } }, "capacity.dataPlaneConcurrency: must be at least 1"],
		[{ ...GOOD, schedules: { predictMinutes: 50 } }, "schedules.predictMinutes: must divide an hour"],
		[{ ...GOOD, model: { endpoint: { kind: "real-time", instanceType: "m5.large" } } }, "must be a SageMaker instance type"],
		[{ ...GOOD, model: { image: { uri: "latest" } } }, "model.image.uri: must be an image in ECR such as 123456789012.dkr.ecr."],
		[{ ...GOOD, model: { image: { uri: "docker.io/library/model:7" } } }, "model.image.uri: must be an image in ECR such as"],
		[
			{ ...GOOD, model: { image: { uri: "1.dkr.ecr.us-east-1.amazonaws.com/model:7" } } },
			"model.image.uri: must be an image in ECR such as",
		],
		[
			{ ...GOOD, model: { image: { uri: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/model:7" } } },
			"model.image.uri: must lie in us-east-1, the control region: SageMaker takes images from nowhere else",
		],
		[{ ...GOOD, model: { image: { build: false } } }, "model.image: must be {build: true} or {uri: an image in ECR such as"],
		[{ ...GOOD, alarms: { emails: ["me"] } }, "alarms.emails.0: must be an e-mail address"],
		[
			{ ...GOOD, domain: { names: ["data.example.com"], certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/x" } },
			"domain.certificateArn: must be a certificate of ACM in us-east-1",
		],
		[
			{ ...GOOD, encryption: { kind: "customer-managed", keyArns: { "us-east-1": "arn:aws:kms:us-east-1:1:key/x" } } },
			"has no key for eu-west-1",
		],
		[{ ...GOOD, firewall: { requestsPerFiveMinutes: 1 } }, "firewall.requestsPerFiveMinutes: must be at least 10"],
		[{ ...GOOD, firewall: { requestsPerFiveMinutes: 3e9 } }, "firewall.requestsPerFiveMinutes: must be at most 2000000000"],
		[{ ...GOOD, regions: ["us-east-1", "us-east-9"] }, "regions.1: must be a commercial AWS region"],
		[{ ...GOOD, regions: ["us-east-1", "cn-north-1"] }, "regions.1: must be a commercial AWS region"],
		[
			{ ...GOOD, stage: "s".repeat(18), regions: ["eu-central-1"], controlRegion: "eu-central-1" },
			"stage: must be at most 17 characters: names of buckets bear it and eu-central-1",
		],
		[{ ...GOOD, stage: "aws-try", console: { kind: "cognito" } }, "stage: must not contain aws where console.kind is cognito"],
		[{ ...GOOD, tags: { "heliotrope:stage": "other" } }, "tags.heliotrope:stage: is set to the stage by the deployment"],
		[{ ...GOOD, tags: { "aws:team": "a" } }, "tags.aws:team: must not begin with aws:"],
		[{ ...GOOD, tags: { team: "a|b" } }, "tags.team: must have a value of at most 256 letters"],
		[{ ...GOOD, domain: { names: [], certificateArn: "x" } }, "domain.names: must name at least one DNS name"],
		[
			{
				...GOOD,
				account: "123456789012",
				domain: { names: ["data.example.com"], certificateArn: "arn:aws:acm:us-east-1:210987654321:certificate/x" },
			},
			"domain.certificateArn: must be a certificate of the account 123456789012",
		],
		[
			{
				...GOOD,
				encryption: {
					kind: "customer-managed",
					keyArns: { "us-east-1": "arn:aws:kms:us-east-1:1:key/x", "eu-west-1": "arn:aws:kms:us-east-1:1:key/x" },
				},
			},
			"encryption.keyArns.eu-west-1: must be a key in eu-west-1",
		],
		[{ ...GOOD, model: { endpoint: { kind: "existing", name: "a b" } } }, "model.endpoint.name: must name the endpoint: 1 to 63"],
		[
			{ ...GOOD, console: { kind: "cognito", operators: ["ops@example.com", "Ops@example.com"] } },
			"console.operators: names ops@example.com twice; name each once",
		],
		[{ ...GOOD, access: { mode: "open" } }, "access.mode: must be 'off' or 'closed' or 'oidc'"],
		[{ ...GOOD, capacity: { dataPlaneConcurrency: 1.5 } }, "capacity.dataPlaneConcurrency: must be a whole number"],
		[{ ...GOOD, budgets: { monthlyUsd: "100" } }, "budgets.monthlyUsd: must be a number such as 100"],
		[
			{ ...GOOD, encryption: { kind: "customer-managed", keyArns: "alias/data" } },
			'encryption.keyArns: must be an object such as {"eu-west-1": "arn:aws:kms:eu-west-1:123456789012:key/..."}, a KMS key for every region',
		],
		[{ ...GOOD, alarms: { emails: "me@example.com" } }, "alarms.emails: must be a list"],
		[{ ...GOOD, alarms: { runbooksUrl: "wiki" } }, "alarms.runbooksUrl: must be a URL such as https://"],
	])("%j is refused with the field and the fix", (input, message) => {
		expect(() => parseSettings(input, "settings/dev.ts")).toThrow(SettingsError);
		expect(() => parseSettings(input, "settings/dev.ts")).toThrow(message);
		expect(() => parseSettings(input, "settings/dev.ts")).toThrow("Mend it in settings/dev.ts");
	});

	test("are all in docs/deploy.md, with the fields inside", () => {
		const rows = readFileSync("docs/deploy.md", "utf8")
			.split("\n")
			.filter((line) => line.startsWith("| `"));
		const known = /there are (.*)/.exec(messageOf({ ...GOOD, colour: "blue" }))?.[1]?.split(", ") ?? [];
		expect(known.length).toBeGreaterThan(15);
		const described = rows.slice(
			0,
			rows.findIndex((row) => row.includes("heliotrope-<stage>-metadata")),
		);
		const names = described.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name));
		expect(names.toSorted()).toEqual(known.toSorted());
		for (const [field, fields] of Object.entries(parseSettings({ ...GOOD, ...LARGEST }))) {
			if (typeof fields !== "object" || Array.isArray(fields) || field === "access") continue;
			const row = described.find((one) => one.startsWith(`| \`${field}\``)) ?? "";
			for (const key of Object.keys(fields ?? {}).filter((one) => one !== "kind")) expect(row, `${field}.${key}`).toContain(key);
		}
	});

	test("say what would be right in words of their own, whatever a field holds", () => {
		const nonsense = [null, -1, 0, 1.5, 1e12, "", "x", true, [], ["x"], [{}], {}, { x: 1 }, { kind: "x" }];
		for (const [field, fields] of Object.entries(parseSettings({ ...GOOD, ...LARGEST }))) {
			const inner = typeof fields === "object" && !Array.isArray(fields) ? Object.keys(fields ?? {}) : [];
			for (const value of nonsense) {
				const within = inner.map((key) => ({ ...GOOD, [field]: { ...(fields as object), [key]: value } }));
				for (const input of [{ ...GOOD, [field]: value }, ...within]) expect(messageOf(input)).not.toMatch(/Invalid|Too (big|small)/);
			}
		}
	});

	test("give an example wherever a value is of another kind than it has to be", () => {
		const keyArns = Object.fromEntries(GOOD.regions.map((region) => [region, `arn:aws:kms:${region}:123456789012:key/x`]));
		const urls = Object.fromEntries(GOOD.regions.map((region) => [region, `https://a.lambda-url.${region}.on.aws/`]));
		const everything = parseSettings({
			...GOOD,
			...LARGEST,
			capacity: { ...LARGEST.capacity, copies: { "us-east-1": 1 } },
			residency: [{ partitions: "a", regions: ["us-east-1"] }],
			routing: { application: { functionName: "notes", urls } },
			model: { forecastEndpointName: "theirs", endpoint: { kind: "real-time" } },
			encryption: { kind: "customer-managed", keyArns },
			console: { kind: "cognito", operators: ["ops@example.com"] },
			tags: { team: "places" },
		});
		const lines = wrongKinds(everything).flatMap((input) => messageOf(input).split("\n"));
		expect(lines.length).toBeGreaterThan(500);
		const bare = /: must be (an object|a list|text|a number|a whole number|a value of type \w+)$/;
		expect([...new Set(lines.filter((line) => bare.test(line)))]).toEqual([]);
	});

	test("refuse or accept whatever is thrown at them, and nothing else", () => {
		fc.assert(
			fc.property(fc.anything(), (input) => {
				try {
					parseSettings(input);
				} catch (error) {
					expect(error).toBeInstanceOf(SettingsError);
				}
			}),
		);
	});

	test("pace the schedules", () => {
		const settings = parseSettings({ ...GOOD, schedules: { predictMinutes: 15, sweepMinutes: 60 } });
		const paced = Object.fromEntries(SCHEDULES.map((description) => [description.name, scheduled(settings, description)]));
		expect(paced["predict"]).toMatchObject({ everyMinutes: 15, offsetMinutes: 6 });
		expect(paced["sweep-parked"]).toMatchObject({ everyMinutes: 60, offsetMinutes: 45 });
		for (const { everyMinutes, offsetMinutes } of Object.values(paced))
			expect(() => cronExpression(everyMinutes, offsetMinutes)).not.toThrow();
	});
});

describe("a settings file", () => {
	const directory = mkdtempSync(join(tmpdir(), "heliotrope-settings-"));
	afterAll(() => rmSync(directory, { recursive: true, force: true }));
	const write = (name: string, text: string): string => {
		writeFileSync(join(directory, name), text);
		return join(directory, name);
	};

	test("that is the example can be used, and single fields set beside it", async () => {
		expect(await loadSettings("settings/dev.ts")).toMatchObject({ stage: "dev", controlRegion: "us-east-1" });
		const regions = ["us-east-1", "eu-west-1", "eu-north-1"];
		expect(await loadSettings("settings/dev.ts", { stage: "try", regions })).toMatchObject({ stage: "try", regions });
	});

	test("may be JSON", async () => {
		expect(await loadSettings(write("good.json", JSON.stringify(GOOD)))).toMatchObject(GOOD);
	});

	test.each([
		["missing.ts", undefined, "missing.ts cannot be read"],
		["broken.json", "{", "broken.json cannot be read"],
		["empty.json", "null", "holds no settings"],
		["silent.mjs", "export const settings = {};", "holds no settings"],
	])("%s is refused in one line that names it", async (name, text, message) => {
		const file = text === undefined ? join(directory, name) : write(name, text);
		await expect(loadSettings(file)).rejects.toThrow(message);
		await expect(loadSettings(file)).rejects.toBeInstanceOf(SettingsError);
	});
});

test("a function without a row in the permissions is an error that says so", () => {
	expect(() => permissionsOf("no-such-function")).toThrow("infra/description/permissions.ts");
});
