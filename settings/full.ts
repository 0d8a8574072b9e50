import { defineSettings } from "#infra/settings.ts";

const ACCOUNT = "123456789012";
const REGIONS = ["eu-west-1", "us-east-1", "ap-northeast-1", "sa-east-1", "ap-south-1", "eu-north-1"];

/** What a team in production sets beyond `dev.ts`, with names that are nobody's; docs/deploy.md says what each setting does. */
export default defineSettings({
	stage: "try",
	account: ACCOUNT,
	regions: REGIONS,
	controlRegion: "eu-west-1",
	firewall: { requestsPerFiveMinutes: 2000 },
	domain: { names: ["data.example.com"], certificateArn: `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/a` },
	encryption: {
		kind: "customer-managed",
		keyArns: Object.fromEntries(REGIONS.map((region) => [region, `arn:aws:kms:${region}:${ACCOUNT}:key/k`])),
	},
	model: {
		endpoint: { kind: "real-time", instances: 2 },
		image: { uri: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/model:7` },
	},
	capacity: { dataPlaneConcurrency: 50, tableWriteUnits: 1000 },
	alarms: { emails: ["ops@example.com"] },
	budgets: { monthlyUsd: 100 },
	console: { kind: "cognito", operators: ["ops@example.com"] },
	tags: { team: "places" },
});
