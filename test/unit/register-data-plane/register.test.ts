import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { registerResource } from "#lambdas/register-data-plane/register.ts";
import type { ResourceAnswer } from "#lambdas/register-data-plane/respond.ts";

const region = regionId("eu-west-1");
const OLD = "https://old.lambda-url.eu-west-1.on.aws";
const NEW = "https://new.lambda-url.eu-west-1.on.aws";

const event = (RequestType: string, Url: string, PhysicalResourceId?: string) => ({
	RequestType,
	ResponseURL: "https://cloudformation.example/answer",
	StackId: "stack",
	RequestId: "request",
	LogicalResourceId: "registration",
	ResourceType: "AWS::CloudFormation::CustomResource",
	ResourceProperties: { ServiceToken: "arn", Url: `${Url}/` },
	...(PhysicalResourceId === undefined ? {} : { PhysicalResourceId }),
});

/** A directory of one region, and what CloudFormation was told. */
function world(fails?: Error) {
	let entry: string | undefined;
	const answers: ResourceAnswer[] = [];
	const deps = {
		region,
		register: async (_region: string, url: string) => {
			if (fails !== undefined) throw fails;
			entry = url;
		},
		withdraw: async (_region: string, url: string) => {
			if (entry === url) entry = undefined;
		},
		respond: async (_url: string, answer: ResourceAnswer) => void answers.push(answer),
	};
	return { answers, entry: () => entry, send: (input: unknown) => registerResource(deps, input) };
}

describe("the registration of a data plane", () => {
	it("writes the URL without its slash, and is known by it", async () => {
		const { answers, entry, send } = world();
		await send(event("Create", NEW));
		expect(entry()).toBe(NEW);
		expect(answers).toEqual([
			{ Status: "SUCCESS", PhysicalResourceId: NEW, StackId: "stack", RequestId: "request", LogicalResourceId: "registration" },
		]);
	});

	it("keeps the new URL when CloudFormation deletes the resource of the old one afterwards", async () => {
		const { answers, entry, send } = world();
		await send(event("Create", OLD));
		await send(event("Update", NEW, OLD));
		await send(event("Delete", OLD, OLD));
		expect(entry()).toBe(NEW);
		expect(answers.map(({ PhysicalResourceId }) => PhysicalResourceId)).toEqual([OLD, NEW, OLD]);
	});

	it("withdraws the entry when the region goes", async () => {
		const { entry, send } = world();
		await send(event("Create", NEW));
		await send(event("Delete", NEW, NEW));
		expect(entry()).toBeUndefined();
	});

	it("tells CloudFormation why it failed, so that the deployment does not wait for an hour", async () => {
		const { answers, send } = world(new TypeError("no such table"));
		await send(event("Create", NEW));
		expect(answers).toMatchObject([{ Status: "FAILED", Reason: "TypeError: no such table", PhysicalResourceId: NEW }]);
	});

	it("does not answer what is no request of CloudFormation", async () => {
		const { answers, send } = world();
		await expect(send({ RequestType: "Create" })).rejects.toThrow();
		expect(answers).toEqual([]);
	});
});
