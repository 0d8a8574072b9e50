import * as z from "zod";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { ResourceAnswer, Respond } from "#lambdas/register-data-plane/respond.ts";

/** A request of CloudFormation for a custom resource. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
const eventSchema = z.object({
	RequestType: z.enum(["Create", "Update", "Delete"]),
	ResponseURL: z.url(),
	StackId: z.string(),
	RequestId: z.string(),
	LogicalResourceId: z.string(),
	PhysicalResourceId: z.string().optional(),
	ResourceProperties: z.object({ Url: z.url() }),
});
type ResourceEvent = z.infer<typeof eventSchema>;

export interface RegisterDeps {
	readonly region: RegionId;
	readonly register: (region: RegionId, url: string) => Promise<void>;
	readonly withdraw: (region: RegionId, url: string) => Promise<void>;
	readonly respond: Respond;
}

/**
 * Keeps the directory of data planes as CloudFormation keeps its resources. The resource's id is the URL: a new URL is a new resource, and
 * the deletion of the old one afterwards takes nothing away, because the entry has the new URL by then.
 */
export async function registerResource(deps: RegisterDeps, input: unknown): Promise<void> {
	const event = eventSchema.parse(input);
	const url = event.ResourceProperties.Url.replace(/\/$/, "");
	try {
		if (event.RequestType === "Delete") await deps.withdraw(deps.region, event.PhysicalResourceId ?? url);
		else await deps.register(deps.region, url);
		await deps.respond(event.ResponseURL, answerTo(event, event.RequestType === "Delete" ? (event.PhysicalResourceId ?? url) : url));
	} catch (error) {
		const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
		await deps.respond(event.ResponseURL, {
			...answerTo(event, event.PhysicalResourceId ?? url),
			Status: "FAILED",
			Reason: reason.slice(0, 1000),
		});
	}
}

const answerTo = ({ StackId, RequestId, LogicalResourceId }: ResourceEvent, PhysicalResourceId: string): ResourceAnswer => ({
	Status: "SUCCESS",
	PhysicalResourceId,
	StackId,
	RequestId,
	LogicalResourceId,
});
