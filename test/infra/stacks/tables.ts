import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { KEY, TABLES, type TableDescription, tableName } from "#infra/description/tables.ts";
import { createTableInput } from "#local/engines/create-tables.ts";
import { propertiesOf, type Synthesized, TEST_SETTINGS } from "#test/infra/stacks/synthesized.ts";

/** The tables of the templates are the described ones. */
export function testTables(templates: Synthesized): void {
	const templatesWith = (table: TableDescription): readonly Template[] => {
		return table.placement === "regional" ? [...templates.regions.values()] : [templates.metadata];
	};

	const find = (template: Template, table: TableDescription) =>
		propertiesOf(template, "AWS::DynamoDB::GlobalTable").find(({ TableName }) => TableName === tableName(TEST_SETTINGS.stage, table.name));

	const byName = (attributes: unknown) =>
		(attributes as { AttributeName: string }[]).toSorted((a, b) => a.AttributeName.localeCompare(b.AttributeName));

	describe.each(TABLES)("table $name", (table) => {
		test("exists in every stack of its placement", () => {
			const expected = table.placement === "regional" ? TEST_SETTINGS.regions.length : 1;
			expect(templatesWith(table).filter((template) => find(template, table) !== undefined)).toHaveLength(expected);
		});

		test("has the described key, expiry, stream and indexes", () => {
			for (const template of templatesWith(table)) {
				expect(find(template, table)).toMatchObject({
					KeySchema: [
						{ AttributeName: KEY.partitionKey, KeyType: "HASH" },
						{ AttributeName: KEY.sortKey, KeyType: "RANGE" },
					],
					TimeToLiveSpecification: { AttributeName: KEY.expiry, Enabled: true },
					BillingMode: "PAY_PER_REQUEST",
					SSESpecification: { SSEEnabled: true },
				});
				expect(find(template, table)?.["StreamSpecification"]).toEqual(
					table.stream === undefined ? undefined : { StreamViewType: table.stream },
				);
				expect(find(template, table)?.["GlobalSecondaryIndexes"]).toEqual(
					table.indexes?.map((index) => ({
						IndexName: index.name,
						KeySchema: [
							{ AttributeName: index.partitionKey, KeyType: "HASH" },
							{ AttributeName: index.sortKey, KeyType: "RANGE" },
						],
						Projection: { ProjectionType: "ALL" },
					})),
				);
			}
		});

		test("is the table that the local cloud creates", () => {
			const local = createTableInput(tableName(TEST_SETTINGS.stage, table.name), table);
			const { StreamSpecification, ...created } = local as { StreamSpecification?: { StreamViewType: string } };
			for (const template of templatesWith(table)) {
				const deployed = find(template, table);
				expect(deployed).toMatchObject({ ...created, AttributeDefinitions: expect.any(Array) });
				expect(byName(deployed?.["AttributeDefinitions"])).toEqual(byName(local["AttributeDefinitions"]));
				expect((deployed?.["StreamSpecification"] as typeof StreamSpecification)?.StreamViewType).toBe(StreamSpecification?.StreamViewType);
			}
		});

		test("can be restored to a point in time, and deleted only on purpose, in each replica", () => {
			const regions = table.placement === "global" ? TEST_SETTINGS.regions.length : 1;
			for (const template of templatesWith(table)) {
				const replicas = (find(template, table)?.["Replicas"] ?? []) as Record<string, unknown>[];
				expect(replicas).toHaveLength(regions);
				for (const replica of replicas) {
					expect(replica).toMatchObject({
						DeletionProtectionEnabled: true,
						PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
					});
				}
			}
		});
	});

	test("no stack has a table that the description does not know", () => {
		const described = TABLES.map(({ name }) => tableName(TEST_SETTINGS.stage, name));
		for (const template of templates.all.values()) {
			for (const { TableName } of propertiesOf(template, "AWS::DynamoDB::GlobalTable")) expect(described).toContain(TableName);
		}
	});

	test("the metadata table has a replica in every region", () => {
		const [metadata] = propertiesOf(templates.metadata, "AWS::DynamoDB::GlobalTable");
		const regions = ((metadata?.["Replicas"] ?? []) as { Region: string }[]).map(({ Region }) => Region);
		expect(regions.toSorted()).toEqual([...TEST_SETTINGS.regions].toSorted());
	});
}
