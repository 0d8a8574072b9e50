import { defineSettings } from "#infra/settings.ts";

/** A deployment to try things out in; docs/deploy.md lists all settings. */
export default defineSettings({
	stage: "dev",
	regions: ["us-east-1", "eu-west-1", "ap-northeast-1"],
	controlRegion: "us-east-1",
	residency: [{ partitions: "eu-*", regions: ["eu-west-1"] }],
	model: { endpoint: { kind: "serverless" } },
});
