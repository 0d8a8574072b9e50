import { expect, test } from "vitest";
import { FUNCTIONS, functionName } from "#infra/description/functions.ts";
import { Told, type ToldMetric } from "#infra/description/told-metrics.ts";
import { readable } from "#test/infra/stacks/readable.ts";
import { propertiesOf, type Synthesized, TEST_SETTINGS } from "#test/infra/stacks/synthesized.ts";

interface Widget {
	readonly type: string;
	readonly properties: { readonly title?: string; readonly metrics?: readonly (readonly unknown[])[] };
}

/** The dashboard shows what operators have to see. */
export function testObservability(templates: Synthesized): void {
	const { stage, regions } = TEST_SETTINGS;
	const graphs = (): readonly Widget[] => {
		const [dashboard, ...more] = [...templates.all.values()].flatMap((template) => propertiesOf(template, "AWS::CloudWatch::Dashboard"));
		expect([dashboard?.["DashboardName"], more]).toEqual([`heliotrope-${stage}`, []]);
		return (JSON.parse(readable(dashboard?.["DashboardBody"])) as { widgets: Widget[] }).widgets.filter(({ type }) => type === "metric");
	};
	/** The series of the graph whose title begins so, as JSON. */
	const seriesOf = (title: string): readonly string[] => {
		const found = graphs().find(({ properties }) => properties.title?.startsWith(title) === true);
		expect(found, title).toBeDefined();
		return (found?.properties.metrics ?? []).map((metric) => JSON.stringify(metric));
	};
	const shows = (title: string, told: ToldMetric): void => {
		const series = ["Heliotrope/test", told.name, ...Object.entries(told.dimensions).flat()].map((part) => JSON.stringify(part)).join(",");
		expect(
			seriesOf(title).some((text) => text.includes(series)),
			`${title}: ${series}`,
		).toBe(true);
	};

	test.each([
		["Requests answered in the viewer's own region", [Told.Served, Told.ServedNear]],
		["Round-trip time a request saves", [Told.Served, Told.RoundTripSaved]],
		["How long cutovers kept writers waiting", [Told.WritePause]],
		["Calibration of 6 h forecasts", [Told.ForecastConfidence, Told.ForecastHits, Told.ForecastsScored]],
		["Drift of 6 h forecasts", [Told.ForecastLogLoss, Told.ForecastEntropy, Told.ForecastsScored]],
	])("a graph of the dashboard begins with %j and shows what functions tell", (title, metrics) => {
		for (const metric of metrics) shows(title, metric);
	});

	test("every number that functions tell is on the dashboard", () => {
		const text = graphs()
			.map((graph) => JSON.stringify(graph))
			.join();
		for (const { name } of Object.values(Told)) expect(text).toContain(`"${name}"`);
	});

	test("alarms may tell their topic, and nobody else may: a policy takes the place of the one that SNS gives", () => {
		interface Allowed {
			readonly Effect: string;
			readonly Principal: unknown;
			readonly Action: string;
			readonly Condition?: { readonly ArnLike?: { readonly "aws:SourceArn": unknown } };
		}
		for (const [id, template] of templates.all) {
			const alarms = propertiesOf(template, "AWS::CloudWatch::Alarm");
			const policies = propertiesOf(template, "AWS::SNS::TopicPolicy");
			for (const { AlarmName, AlarmActions } of alarms) {
				const [topic] = AlarmActions as readonly { readonly Ref: string }[];
				const policy = policies.find(({ Topics }) => (Topics as { Ref: string }[]).some(({ Ref }) => Ref === topic?.Ref));
				const { Statement: statements } = (policy?.["PolicyDocument"] ?? { Statement: [] }) as { Statement: readonly Allowed[] };
				const [allowed, ...more] = statements.filter(({ Effect }) => Effect === "Allow");
				expect(more, id).toEqual([]);
				expect(allowed).toMatchObject({ Principal: { Service: "cloudwatch.amazonaws.com" }, Action: "sns:Publish" });
				const source = readable(allowed?.Condition?.ArnLike?.["aws:SourceArn"]);
				expect(source).toMatch(/^arn:aws:cloudwatch:[a-z0-9-]+:123456789012:alarm:heliotrope-test-\*$/);
				expect(String(AlarmName).startsWith("heliotrope-test-")).toBe(true);
			}
		}
	});

	test("how far the metadata's copies lag is shown for each region but the control region", () => {
		const series = seriesOf("Replication lag of the metadata");
		const copies = regions.filter((region) => region !== TEST_SETTINGS.controlRegion);
		expect(series).toHaveLength(copies.length);
		for (const region of copies)
			expect(series.some((text) => text.includes(`"ReplicationLatency"`) && text.includes(`"ReceivingRegion","${region}"`))).toBe(true);
	});

	test("no graph is without a line", () => {
		for (const { properties } of graphs()) expect(properties.metrics?.length ?? 0, properties.title).toBeGreaterThan(0);
	});

	test("moves are shown by stage, one line a stage's function", () => {
		const stages = FUNCTIONS.filter(({ entry }) => entry.startsWith("lambdas/run-stage/")).map(({ name }) => functionName(stage, name));
		const series = seriesOf("Moves by stage");
		expect(series).toHaveLength(stages.length);
		for (const name of stages)
			expect(
				series.some((text) => text.includes(`"Invocations","FunctionName","${name}"`)),
				name,
			).toBe(true);
	});

	test("replication lag is shown for every region", () => {
		const series = seriesOf("Replication lag by region");
		for (const region of regions) {
			const lag = `"IteratorAge","FunctionName","${functionName(stage, "carry-stream")}"`;
			expect(
				series.some((text) => text.includes(lag) && text.includes(`"region":"${region}"`)),
				region,
			).toBe(true);
		}
	});

	test.each(["Tables, US dollars an hour", "Functions, US dollars an hour"])("cost is shown for every region: %s", (title) => {
		const series = seriesOf(title);
		for (const region of regions) {
			const sum = series.find((text) => text.includes('"expression"') && text.includes(`"label":"${region}"`));
			expect(sum, region).toMatch(/FILL/);
		}
	});
}
