import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { forecastOf, forecastResponseSchema } from "#domain/prediction/forecast-request.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { forecast } from "#predictor/models/forecast.ts";
import { createModel } from "#predictor/models/registry.ts";
import { startContainer, urlOf } from "#test/__helpers__/model-container.ts";
import { byColumns, expectAlike } from "#test/unit/predictor/by-columns.ts";
import { countsOf, goldenCaseSchema, goldenRequestOf, withEvents } from "#test/unit/predictor/golden-case.ts";

const json: unknown = JSON.parse(readFileSync(new URL("../__golden__/forecast.json", import.meta.url), "utf8"));

/** What is kept was made by `npm run golden-vectors`, which is also what to do after a change that is meant to change forecasts. */
describe("the vectors that are kept", () => {
	const { history, request, answer, tilted } = goldenCaseSchema.parse(json);
	const kept = forecastOf(answer, request.regions.length);
	const model = createModel(DEFAULT_ARTEFACT);

	it("are of partitions with various histories, segments, parents and events", () => {
		expect(kept.vectors).toHaveLength(request.partitions.length * request.windowHours.length);
		expect(kept.vectors.filter(({ joint }) => joint !== undefined).length).toBeGreaterThan(2);
		expect(Object.keys(request.parents).length).toBeGreaterThan(2);
		expect(new Set(tilted.flatMap(({ tilts = [] }) => tilts))).toEqual(new Set(["launch", "fair"]));
	});

	it("are what the model answers in process", () => {
		expectAlike(forecast(model, request), kept);
	});

	it("are what it answers once a deployment has taken the accesses in anew", () => {
		expectAlike(forecast(model, goldenRequestOf(history)), kept);
	});

	it("are what the events make of them", () => {
		expectAlike({ vectors: withEvents(kept.vectors), outlooks: new Map() }, { vectors: tilted, outlooks: new Map() });
	});

	it("are what training's columns say", () => {
		expectAlike(byColumns(DEFAULT_ARTEFACT, countsOf(history), request), kept);
	});

	it("are what the container answers", async () => {
		const child = startContainer("/nowhere");
		const body = JSON.stringify(request);
		const headers = { "content-type": "application/json" };
		const reply = await fetch(`${await urlOf(child)}/invocations`, { method: "POST", headers, body });
		expectAlike(forecastOf(forecastResponseSchema.parse(await reply.json()), request.regions.length), kept);
		child.kill("SIGKILL");
	});
});
