import * as z from "zod";
import { DEFAULT_PARTITION_RULE, parsePartitionRule } from "#domain/routing/partition-rule.ts";

const rule = z.string("must be a rule such as path:/tenants/{partition}/*").superRefine((text, context) => {
	try {
		parsePartitionRule(text);
	} catch (error) {
		context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
	}
});

/** How requests find their partition, and who answers them. */
export const routingSchema = z.strictObject({
	/** How a request names its partition, as docs/internals/routing.md says. Another than the data API's own paths needs an application. */
	rule: rule.default(DEFAULT_PARTITION_RULE),
	/** An application's own function in every region, which answers in place of the data planes. @default the data planes */
	application: z
		.strictObject({
			/** The same in every region, in the deployment's account. */
			functionName: z.string().regex(/^[\w-]{1,64}$/, "must be the name of a Lambda function"),
			/** By region, the function's URL, behind IAM. */
			urls: z.record(z.string(), z.string("must be a function URL")),
		})
		.optional(),
});

export interface RoutingPlace {
	readonly regions: readonly string[];
	readonly domainNames: readonly string[];
}

export interface Refusal {
	/** Of the field. */
	readonly path: readonly (string | number)[];
	readonly message: string;
}

/** What of the routing does not fit the rest of the settings. */
export function routingRefusals(routing: z.output<typeof routingSchema>, place: RoutingPlace): readonly Refusal[] {
	return [...unanswered(routing), ...misplacedUrls(routing, place), ...unnamedHosts(routing, place)];
}

/** Data planes answer the data API's paths, and find the partition there, whatever a rule has found. */
function unanswered({ rule: text, application }: z.output<typeof routingSchema>): readonly Refusal[] {
	if (application !== undefined || text.startsWith("path:/v1/partitions/{partition}/")) return [];
	const message = `is missing: data planes answer ${DEFAULT_PARTITION_RULE} only; name the function that answers ${text}, or leave rule out`;
	return [{ path: ["application"], message }];
}

function misplacedUrls({ application }: z.output<typeof routingSchema>, { regions }: RoutingPlace): readonly Refusal[] {
	if (application === undefined) return [];
	const { urls } = application;
	const path = ["application", "urls"];
	const foreign = Object.keys(urls).filter((at) => !regions.includes(at));
	const without = regions.filter((at) => urls[at] === undefined);
	const wrong = regions.filter((at) => urls[at] !== undefined && !isFunctionUrl(urls[at], at));
	return [
		...foreign.map((at) => ({ path, message: `names ${at}, which is not in regions` })),
		...(without.length > 0 ? [{ path, message: `has no URL for ${without.join(", ")}; every region may lead, so each needs one` }] : []),
		...wrong.map((at) => ({ path: [...path, at], message: `must be that region's function URL, https://<id>.lambda-url.${at}.on.aws/` })),
	];
}

const isFunctionUrl = (url: string, region: string): boolean =>
	/^https:\/\/[a-z0-9]+\.lambda-url\.([a-z0-9-]+)\.on\.aws\/?$/.exec(url)?.[1] === region;

/** A distribution answers under its own name and those of `domain`: of a host that names a partition, it has to know the wildcard. */
function unnamedHosts({ rule: text }: z.output<typeof routingSchema>, { domainNames }: RoutingPlace): readonly Refusal[] {
	const hosts = /^host:(.*)$/.exec(text)?.[1]?.toLowerCase();
	if (hosts === undefined) return [];
	const [, rest = ""] = hosts.split("{partition}");
	const covered = domainNames.some((name) => name.startsWith("*.") && rest.endsWith(name.slice(1)));
	return covered ? [] : [{ path: ["rule"], message: `needs *${rest} in domain.names: under other hosts no viewer reaches the edge` }];
}
