import type { RegionId } from "#domain/geography/region-id.ts";
import type { ResidencyRule } from "#domain/partition/residency-rules.ts";
import { parseImageUri } from "#infra/settings/image-uri.ts";
import { type Refusal, routingRefusals } from "#infra/settings/routing.ts";
import type { Settings } from "#infra/settings.ts";

/** What of the settings does not fit the rest of them, each with the field and the fix. */
export function refusals(settings: Settings): readonly Refusal[] {
	const { regions, domain, routing } = settings;
	const ofRouting = routingRefusals(routing, { regions, domainNames: domain?.names ?? [] });
	return [
		...stageRefusals(settings),
		...regionRefusals(settings),
		...settings.residency.flatMap((rule, index) => residencyRefusals(rule, index, regions)),
		...keyRefusals(settings),
		...imageRefusals(settings),
		...certificateRefusals(settings),
		...operatorRefusals(settings),
		...tagRefusals(settings),
		...ofRouting.map(({ path, message }) => ({ path: ["routing", ...path], message })),
	];
}

/** Names of buckets are the longest that a stage is part of: `heliotrope-<stage>-accesses-<account>-<region>`. */
const BUCKET_NAME_LIMIT = 63;
const longestStage = (region: RegionId): number => BUCKET_NAME_LIMIT - `heliotrope--accesses-123456789012-${region}`.length;
/** @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html */
const RESERVED_BY_COGNITO = ["aws", "amazon", "cognito"];

function stageRefusals({ stage, controlRegion, console }: Settings): readonly Refusal[] {
	const most = longestStage(controlRegion);
	const reserved = RESERVED_BY_COGNITO.filter((word) => console.kind === "cognito" && stage.includes(word));
	return [
		...(stage.length > most
			? [
					{
						path: ["stage"],
						message: `must be at most ${most} characters: names of buckets bear it and ${controlRegion}, and end at 63`,
					},
				]
			: []),
		...reserved.map((word) => ({
			path: ["stage"],
			message: `must not contain ${word} where console.kind is cognito, which gives no sign-in page such a name`,
		})),
	];
}

function regionRefusals({ regions, controlRegion, retiredRegions, capacity }: Settings): readonly Refusal[] {
	const unknown = Object.keys(capacity.copies).filter((at) => !(regions as readonly string[]).includes(at));
	return [
		...(new Set(regions).size === regions.length ? [] : [{ path: ["regions"], message: "names a region twice; name each once" }]),
		...(regions.includes(controlRegion) ? [] : [{ path: ["controlRegion"], message: "must be one of regions" }]),
		...retiredRegions
			.filter((retired) => regions.includes(retired))
			.map((retired) => ({ path: ["retiredRegions"], message: `${retired} is still in regions; take it out there, or here` })),
		...(unknown.length === 0 ? [] : [{ path: ["capacity", "copies"], message: `names ${unknown.join(", ")}, which is not in regions` }]),
	];
}

function residencyRefusals(rule: ResidencyRule, index: number, regions: readonly RegionId[]): readonly Refusal[] {
	const foreign = rule.regions.filter((allowed) => !regions.includes(allowed));
	if (foreign.length === 0) return [];
	const message = `${foreign.join(", ")} is not in regions; add it there, or leave it out here`;
	return [{ path: ["residency", index, "regions"], message }];
}

function keyRefusals({ encryption, regions }: Settings): readonly Refusal[] {
	if (encryption.kind === "aws-managed") return [];
	const { keyArns } = encryption;
	const path = ["encryption", "keyArns"];
	const without = regions.filter((at) => keyArns[at] === undefined);
	const elsewhere = regions.filter((at) => keyArns[at] !== undefined && keyArns[at].split(":")[3] !== at);
	return [
		...(without.length === 0 ? [] : [{ path, message: `has no key for ${without.join(", ")}; a table needs a key of its own region` }]),
		...elsewhere.map((at) => ({ path: [...path, at], message: `must be a key in ${at}: a table needs a key of its own region` })),
	];
}

/** SageMaker pulls images of its own region. */
function imageRefusals({ model, controlRegion }: Settings): readonly Refusal[] {
	const region = "uri" in model.image ? parseImageUri(model.image.uri)?.region : undefined;
	if (region === undefined || region === controlRegion) return [];
	const message = `must lie in ${controlRegion}, the control region: SageMaker takes images from nowhere else`;
	return [{ path: ["model", "image", "uri"], message }];
}

/** CloudFront takes certificates of its own account only. */
function certificateRefusals({ domain, account }: Settings): readonly Refusal[] {
	const owner = domain?.certificateArn.split(":")[4];
	if (owner === undefined || account === undefined || owner === account) return [];
	return [{ path: ["domain", "certificateArn"], message: `must be a certificate of the account ${account}` }];
}

/** A user pool tells addresses apart without regard to case. */
function operatorRefusals({ console }: Settings): readonly Refusal[] {
	if (console.kind !== "cognito") return [];
	const addresses = console.operators.map((email) => email.toLowerCase());
	const twice = new Set(addresses.filter((email, index) => addresses.indexOf(email) !== index));
	return [...twice].map((email) => ({ path: ["console", "operators"], message: `names ${email} twice; name each once` }));
}

/** What AWS takes as a tag. @see https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

function tagRefusals({ tags }: Settings): readonly Refusal[] {
	return Object.entries(tags).flatMap(([key, value]) => {
		const of = (message: string): Refusal => ({ path: ["tags", key], message });
		if (key === "heliotrope:stage") return [of("is set to the stage by the deployment; leave it out")];
		if (/^aws:/i.test(key)) return [of("must not begin with aws:, which is AWS's own")];
		if (!TAG_KEY.test(key)) return [of("must have a key of 1 to 128 letters, digits, spaces and _.:/=+-@")];
		return TAG_VALUE.test(value) ? [] : [of("must have a value of at most 256 letters, digits, spaces and _.:/=+-@")];
	});
}
