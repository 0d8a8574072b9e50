import * as z from "zod";
import { isRegionId, type RegionId, regionId } from "#domain/geography/region-id.ts";
import { findRegion } from "#domain/geography/regions.ts";
import { isPartitionPattern } from "#domain/partition/residency-rules.ts";
import { FOLLOW } from "#domain/placement/policy.ts";
import { PLACEMENT_SETTINGS } from "#domain/placement/settings.ts";
import { priceOverridesSchema } from "#domain/pricing/overrides.ts";
import { IMAGE_EXAMPLE, parseImageUri } from "#infra/settings/image-uri.ts";

/** An AWS region code, of a region whose place is known: distances decide. China and GovCloud have no functions at CloudFront's edge. */
export const region = z
	.string("must be an AWS region code such as eu-west-1")
	.refine(isRegionId, { message: "must be an AWS region code such as eu-west-1", abort: true })
	.refine((value) => findRegion(value) !== undefined, "must be a commercial AWS region that domain/geography/regions.ts places")
	.transform((value): RegionId => regionId(value));

const minutes = z
	.int("must be whole minutes")
	.refine((value) => value > 0 && (60 % value === 0 || (value % 60 === 0 && 1440 % value === 0)), {
		message: "must divide an hour, or be whole hours that divide a day: 15, 60, 360",
	});

/** Where partitions may live, by their name. The first rule that matches holds for partitions created from then on. */
export const residencySchema = z.strictObject({
	/** A partition's name, or its beginning followed by `*`. */
	partitions: z.string().refine(isPartitionPattern, "must be a partition's name, or the beginning of one followed by *, such as eu-*"),
	regions: z.array(region).min(1, "must name at least one region").readonly(),
});

export const capacitySchema = z.strictObject({
	/** Requests that one region's data plane serves at once; more are answered 429 by Lambda. @default what the account allows */
	dataPlaneConcurrency: z
		.int()
		.min(1, "must be at least 1; 0 would switch the data plane off")
		.max(10_000, "must be at most 10000")
		.optional(),
	/** Write and read units a second that one data table takes before it throttles: a limit of cost. @default none */
	tableWriteUnits: z.int().min(10, "must be at least 10 units a second").optional(),
	tableReadUnits: z.int().min(10, "must be at least 10 units a second").optional(),
	/** By region, copies of partitions that it holds at most. What is scarce goes to those who gain most by it. @default no limit */
	copies: z.record(z.string(), z.int().min(0, "must be a whole number of copies, at least 0")).default({}),
	/** Batches of one stream shard that are carried at once. */
	carriersPerShard: z.int().min(1, "must be 1 to 10").max(10, "must be 1 to 10").default(1),
});

export const placementSchema = z.strictObject({
	/** The share of partitions that are never moved for a saving: what the others gain is measured against them. */
	holdoutShare: z.number().min(0, "must be 0 to 1").max(0.5, "must be at most 0.5").default(PLACEMENT_SETTINGS.holdoutShare),
	/** Copies of a partition at most; placement decides how many, where, and who leads. 1: a partition moves as a whole. */
	maxCopies: z.int().min(1, "must be 1 to 5").max(5, "must be 1 to 5").default(1),
	/** What moves the only copy: the week's forecast, or a plan by the hour, for which it may go away for some hours. */
	follow: z.enum(FOLLOW, 'must be "week" or "hours"').default("week"),
	/** Standard errors that a saving has to be above zero before data is copied for it: more of them, fewer moves. `heliotrope replay` finds it for a log. */
	minZScore: z.number().min(0, "must be 0 to 10").max(10, "must be 0 to 10").default(PLACEMENT_SETTINGS.minZScore),
	/**
	 * What a million ms of round-trip time saved are worth, US dollars: a move is then charged what the partition's own bytes and items cost at
	 * published prices, too. @default money is not counted
	 */
	usdPerMillionMs: z.number().positive("must be more than 0").optional(),
	/** Prices in place of the published ones, for that charge (docs/cost.md). */
	prices: priceOverridesSchema.optional(),
	/** The share of accesses that the nearest copy may answer: session and eventual reads. */
	readShare: z.number().min(0, "must be 0 to 1").max(1, "must be 0 to 1").default(0),
	/** What a change of leadership among standing copies is charged, in ms of round-trip time times accesses. */
	transferCostMs: z.number().min(0, "must not be negative").default(5),
	/** What a copy beyond the first is charged a week, in ms of round-trip time times accesses. */
	copyWeekMs: z.number().min(0, "must not be negative").default(20),
});

export const budgetsSchema = z.strictObject({
	/** Moves that one run of the prediction begins at most. */
	movesPerRun: z.int().min(0, "must not be negative; 0 begins no moves").max(1000, "must be at most 1000").default(50),
	/** Changes that copy nothing which one run begins at most: transfers among standing copies, copies taken back. */
	transfersPerRun: z.int().min(0, "must not be negative").max(1000, "must be at most 1000").default(200),
	/** Bytes that the moves begun in one run copy at most; partitions that were never measured count as 1 MiB. @default no limit */
	bytesPerRun: z.number().positive("must be more than 0").optional(),
	/** US dollars a month that the tagged resources may cost before the alarm address is told. @default nobody is told */
	monthlyUsd: z.number().positive("must be more than 0").optional(),
});

export const schedulesSchema = z.strictObject({
	predictMinutes: minutes.default(60),
	/** What has stopped, and what a region that returns has missed, waits so long at most. */
	reconcileMinutes: minutes.default(10),
	sweepMinutes: minutes.default(360),
	/** Days between two retrainings: 7 are Sundays. Other numbers above 1 count from the first days of each month, whose last period is cut short. */
	trainDays: z.int().min(1, "must be 1 to 31").max(31, "must be 1 to 31").default(7),
});

const IMAGE_FORM = `must be {build: true} or {uri: ${IMAGE_EXAMPLE}}`;
const image = z.union(
	[
		z.strictObject({
			/** An image in ECR, in the control region, that answers the entry points `train` and `serve`. Another account's repository has to let the roles in. */
			uri: z.string().refine((uri) => parseImageUri(uri) !== undefined, `must be ${IMAGE_EXAMPLE}`),
		}),
		z.strictObject({
			/** Built from predictor/ when it is deployed, which needs Docker; synthesis does not. */
			build: z.literal(true),
		}),
	],
	IMAGE_FORM,
);

const endpointName = z
	.string("must name the endpoint")
	.regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/, "must name the endpoint: 1 to 63 of A-Z a-z 0-9 -");

export const modelSchema = z.strictObject({
	endpoint: z
		.discriminatedUnion(
			"kind",
			[
				z.strictObject({
					/** Paid by the second of use; a call after a pause waits for a cold start. */
					kind: z.literal("serverless"),
					memoryMb: z.literal([1024, 2048, 3072, 4096, 5120, 6144], "must be 1024, 2048, 3072, 4096, 5120 or 6144").default(2048),
					maxConcurrency: z.int().min(1, "must be 1 to 200").max(200, "must be 1 to 200").default(5),
				}),
				z.strictObject({
					/** Paid by the hour, whether used or not. */
					kind: z.literal("real-time"),
					instanceType: z.string().regex(/^ml\./, "must be a SageMaker instance type such as ml.c7i.large").default("ml.c7i.large"),
					instances: z.int().min(1, "must be at least 1").default(1),
				}),
				z.strictObject({
					/** One that speaks the same contract and is looked after elsewhere: it is called, and neither trained nor replaced. */
					kind: z.literal("existing"),
					name: endpointName,
				}),
			],
			"must be serverless, real-time or existing",
		)
		.prefault({ kind: "serverless" }),
	/** A customer's endpoint that speaks the Chronos-2 JumpStart JSON; it then forecasts, and the model stands in where it fails. @default none */
	forecastEndpointName: endpointName.optional(),
	image: image.prefault({ build: true }),
	trainingInstance: z.string().regex(/^ml\./, "must be a SageMaker instance type such as ml.m7i.large").default("ml.m7i.large"),
});

export const alarmsSchema = z.strictObject({
	/** Who is told. An address has to confirm the subscription. @default nobody; alarms show on the dashboard only */
	emails: z.array(z.email("must be an e-mail address")).readonly().default([]),
	/** Where this repository's docs/runbooks can be read; alarms then link there. @default alarms name the file */
	runbooksUrl: z
		.url({ protocol: /^https?$/, error: "must be a URL such as https://git.example.com/heliotrope/docs/runbooks" })
		.transform((url) => url.replace(/\/$/, ""))
		.optional(),
	/** The age of the oldest stream record that was not carried, in seconds. */
	feedSeconds: z.int().positive("must be more than 0").default(60),
	/** The share of requests that end in an error of the data plane, 0..1. */
	errorShare: z.number().gt(0, "must be above 0").max(1, "must be at most 1").default(0.01),
});

export const domainSchema = z.strictObject({
	/** Names under which the edge answers; each needs a DNS record to the distribution's domain. */
	names: z
		.array(z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/, "must be a DNS name such as data.example.com"))
		.min(1, "must name at least one DNS name, or leave domain out")
		.readonly(),
	/** In us-east-1, as CloudFront demands, and for all the names. */
	certificateArn: z
		.string("must be the ARN of a certificate of ACM in us-east-1 for all the names")
		.regex(
			/^arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate\//,
			"must be a certificate of ACM in us-east-1, whatever the control region is",
		),
});

export const firewallSchema = z.strictObject({
	/** Requests of one address in five minutes before it is blocked. */
	requestsPerFiveMinutes: z.int().min(10, "must be at least 10").max(2_000_000_000, "must be at most 2000000000"),
});

export const consoleSchema = z
	.discriminatedUnion(
		"kind",
		[
			/** The admin API for signed requests, which the command line makes; no page. */
			z.strictObject({ kind: z.literal("iam") }),
			/** Besides, the page, for accounts of a Cognito user pool; it reads and changes nothing. */
			z.strictObject({
				kind: z.literal("cognito"),
				/** Who is invited. More are made in the user pool. */
				operators: z.array(z.email("must be an e-mail address")).readonly().default([]),
			}),
		],
		"must be iam or cognito",
	)
	.prefault({ kind: "iam" });

export const encryptionSchema = z
	.discriminatedUnion(
		"kind",
		[
			z.strictObject({ kind: z.literal("aws-managed") }),
			z.strictObject({
				kind: z.literal("customer-managed"),
				/** A KMS key in every region, whose policy lets DynamoDB use it for the account's roles. */
				keyArns: z.record(z.string(), z.string().regex(/^arn:aws[\w-]*:kms:/, "must be the ARN of a KMS key")),
			}),
		],
		"must be aws-managed or customer-managed",
	)
	.prefault({ kind: "aws-managed" });
