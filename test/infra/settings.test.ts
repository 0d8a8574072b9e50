import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cronExpression } from "#infra/constructs/schedule-expression.ts";
import { permissionsOf } from "#infra/description/permissions.ts";
import { dataPlaneUrlsFrom, parseSettings, SettingsError } from "#infra/settings.ts";

const GOOD = { stage: "dev", regions: ["us-east-1", "eu-west-1"], controlRegion: "us-east-1" };

describe("settings", () => {
	test("fill in what may be left out", () => {
		expect(parseSettings(GOOD)).toEqual({ ...GOOD, protectData: true, dataPlaneUrls: {} });
	});

	test.each([
		[{ ...GOOD, stage: "Prod!" }, "stage: must be 1 to 20 of a-z"],
		[{ ...GOOD, regions: [] }, "regions: must name at least one region"],
		[{ ...GOOD, regions: ["us-east-1", "europe"] }, "regions.1: must be an AWS region code such as eu-west-1"],
		[{ ...GOOD, regions: ["us-east-1", "us-east-1"] }, "regions: names a region twice"],
		[{ ...GOOD, controlRegion: "sa-east-1" }, "controlRegion: must be one of regions"],
		[{ ...GOOD, account: "42" }, "account: must be the 12 digits"],
		[{ ...GOOD, colour: "blue" }, "colour"],
		[undefined, "settings:"],
	])("%j is refused with the field and the fix", (input, message) => {
		expect(() => parseSettings(input)).toThrow(SettingsError);
		expect(() => parseSettings(input)).toThrow(message);
		expect(() => parseSettings(input)).toThrow("cdk.json");
	});

	test("read the data plane's URLs from the outputs of a deployment, of the same stage only", () => {
		const outputs = {
			"heliotrope-dev-region-eu-west-1": { DataPlaneUrl: "https://abc.lambda-url.eu-west-1.on.aws/" },
			"heliotrope-prod-region-us-east-1": { DataPlaneUrl: "https://other.example/" },
			"heliotrope-dev-control": { AdminUrl: "https://admin.example/" },
		};
		expect(dataPlaneUrlsFrom(outputs, "dev")).toEqual({ "eu-west-1": "https://abc.lambda-url.eu-west-1.on.aws" });
	});
});

describe("cronExpression", () => {
	test.each([
		[60, 2, "cron(2/60 * * * ? *)"],
		[15, 0, "cron(0/15 * * * ? *)"],
		[360, 65, "cron(5 1/6 * * ? *)"],
		[1440, 0, "cron(0 0/24 * * ? *)"],
	])("every %i minutes, offset %i: %s", (everyMinutes, offsetMinutes, expression) => {
		expect(cronExpression(everyMinutes, offsetMinutes)).toBe(expression);
	});

	test("fires at multiples since the epoch plus the offset, or refuses", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 1440 }), fc.integer({ min: -5, max: 1500 }), (everyMinutes, offsetMinutes) => {
				const divides = 60 % everyMinutes === 0 || (everyMinutes % 60 === 0 && 1440 % everyMinutes === 0);
				if (!divides || offsetMinutes < 0 || offsetMinutes >= everyMinutes) {
					expect(() => cronExpression(everyMinutes, offsetMinutes)).toThrow(RangeError);
					return;
				}
				const due = Array.from({ length: 1440 }, (_, minute) => minute).filter((minute) =>
					fires(cronExpression(everyMinutes, offsetMinutes), minute),
				);
				expect(due).toEqual(Array.from({ length: 1440 / everyMinutes }, (_, n) => offsetMinutes + n * everyMinutes));
			}),
		);
	});
});

/** Whether an expression of minutes and hours (`a`, `a/b`, `*`) fires at a minute of the day. */
function fires(expression: string, minuteOfDay: number): boolean {
	const [minutes = "", hours = ""] = expression.slice("cron(".length).split(" ");
	return matches(minutes, minuteOfDay % 60) && matches(hours, Math.floor(minuteOfDay / 60));
}

function matches(field: string, value: number): boolean {
	if (field === "*") return true;
	const [from = "", step] = field.split("/");
	const start = Number(from);
	return step === undefined ? value === start : value >= start && (value - start) % Number(step) === 0;
}

test("a function without a row in the permissions is an error that says so", () => {
	expect(() => permissionsOf("no-such-function")).toThrow("infra/description/permissions.ts");
});
