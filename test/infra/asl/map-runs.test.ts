import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

interface State {
	readonly Type: string;
	readonly Label?: string;
	readonly Catch?: readonly { readonly ErrorEquals: readonly string[] }[];
	readonly ItemProcessor?: { readonly ProcessorConfig: { readonly Mode: string; readonly ExecutionType?: string } };
	readonly ToleratedFailurePercentage?: number;
}

const mapsOf = (file: string): readonly (readonly [string, State])[] => {
	const { States } = JSON.parse(readFileSync(`state-machines/${file}.asl.json`, "utf8")) as {
		readonly States: Readonly<Record<string, State>>;
	};
	return Object.entries(States).filter(([, { Type }]) => Type === "Map");
};

it.each([
	["predict", "ForecastShards"],
	["train", "ExportDays"],
])("the map of %s is distributed, labelled for its role, tolerates no failure and catches it under any name", (file, name) => {
	const [[found, map], ...more] = mapsOf(file) as [readonly [string, State], ...unknown[]];
	expect([found, more]).toEqual([name, []]);
	expect(map.ItemProcessor?.ProcessorConfig).toEqual({ Mode: "DISTRIBUTED", ExecutionType: "STANDARD" });
	expect(map.Label).toMatch(/^[A-Za-z]{1,40}$/);
	expect(map).not.toHaveProperty("ToleratedFailurePercentage");
	expect(map).not.toHaveProperty("ToleratedFailureCount");
	// on AWS the map fails as States.ExceedToleratedFailureThreshold, on one machine as its item did
	expect(map.Catch?.map(({ ErrorEquals }) => ErrorEquals)).toEqual([["States.ALL"]]);
});
