const KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/...";
const FUNCTION_URL = "https://<id>.lambda-url.eu-west-1.on.aws/";

/** What is right, by the path of a setting; `*` stands for a place in a list, or a key of its own. */
const EXAMPLES: Readonly<Record<string, string>> = {
	"": '{stage: "dev", regions: ["us-east-1"], controlRegion: "us-east-1"}',
	retiredRegions: '["eu-west-1"]',
	account: '"123456789012"',
	access: '{mode: "off"}',
	residency: '[{partitions: "eu-*", regions: ["eu-west-1"]}]',
	"residency.*": '{partitions: "eu-*", regions: ["eu-west-1"]}',
	"residency.*.partitions": '"eu-*"',
	"residency.*.regions": '["eu-west-1"]',
	routing: '{rule: "path:/v1/partitions/{partition}/*"}',
	"routing.application": `{functionName: "notes", urls: {"eu-west-1": "${FUNCTION_URL}"}}`,
	"routing.application.functionName": '"notes"',
	"routing.application.urls": `{"eu-west-1": "${FUNCTION_URL}"}`,
	capacity: "{tableWriteUnits: 1000}",
	"capacity.dataPlaneConcurrency": "100",
	"capacity.tableWriteUnits": "1000",
	"capacity.tableReadUnits": "1000",
	"capacity.copies": '{"eu-west-1": 500}',
	"capacity.copies.*": "500",
	"capacity.carriersPerShard": "2",
	budgets: "{movesPerRun: 50}",
	"budgets.movesPerRun": "50",
	"budgets.transfersPerRun": "200",
	"budgets.bytesPerRun": "1_000_000_000",
	"budgets.monthlyUsd": "100",
	placement: "{maxCopies: 2}",
	"placement.holdoutShare": "0.01",
	"placement.maxCopies": "2",
	"placement.minZScore": "1",
	"placement.readShare": "0.8",
	"placement.usdPerMillionMs": "1",
	"placement.prices": '{asOf: "2026-11-01", prices: {writeUnit: {everywhere: 0.5}}}',
	"placement.transferCostMs": "5",
	"placement.copyWeekMs": "20",
	schedules: "{predictMinutes: 60}",
	"schedules.trainDays": "7",
	model: '{endpoint: {kind: "serverless"}}',
	"model.endpoint.maxConcurrency": "5",
	"model.endpoint.instances": "1",
	"model.endpoint.instanceType": '"ml.c7i.large"',
	"model.trainingInstance": '"ml.m7i.large"',
	alarms: '{emails: ["ops@example.com"]}',
	"alarms.emails": '["ops@example.com"]',
	"alarms.feedSeconds": "60",
	"alarms.errorShare": "0.01",
	"console.operators": '["ops@example.com"]',
	"encryption.keyArns": `{"eu-west-1": "${KEY_ARN}"}, a KMS key for every region`,
	"encryption.keyArns.*": `"${KEY_ARN}"`,
	domain: '{names: ["data.example.com"], certificateArn: "arn:aws:acm:us-east-1:..."}',
	"domain.names": '["data.example.com"]',
	"domain.names.*": '"data.example.com"',
	firewall: "{requestsPerFiveMinutes: 2000}",
	"firewall.requestsPerFiveMinutes": "2000",
	tags: '{team: "places"}',
	"tags.*": '"places"',
};

/** What would be right at a path of the settings; undefined where none is written down. */
export function exampleOf(path: readonly PropertyKey[]): string | undefined {
	const keys = path.map(String);
	return EXAMPLES[keys.join(".")] ?? EXAMPLES[[...keys.slice(0, -1), "*"].join(".")] ?? EXAMPLES[withoutPlaces(keys)];
}

const withoutPlaces = (keys: readonly string[]): string => keys.map((key) => (/^\d+$/.test(key) ? "*" : key)).join(".");
