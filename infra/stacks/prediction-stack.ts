import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { AccessArchive } from "#infra/constructs/access-archive.ts";
import { AccessStream } from "#infra/constructs/access-stream.ts";
import { ModelEndpoint } from "#infra/constructs/model-endpoint.ts";
import { PrivateBucket } from "#infra/constructs/private-bucket.ts";
import { ACCESS_ARCHIVE } from "#infra/description/access-archive.ts";
import { ACCESS_LOG_MAPPING } from "#infra/description/event-sources.ts";
import type { Settings } from "#infra/settings.ts";
import { ControlPart, type ControlParts, createControlParts } from "#infra/stacks/control-parts.ts";

export interface PredictionStackProps extends StackProps {
	readonly settings: Settings;
}

/** Days for which it is kept what candidates were held against. Counts train the next one, and one of the archives is the model in use. */
const CONTEXT_KEPT_DAYS = 90;

/** From accesses to forecasts in the control region: counting, archive, features, model, and the machines that predict and train; of a model that is looked after elsewhere, no training. */
export class PredictionStack extends Stack {
	readonly parts: ControlParts;

	constructor(scope: Construct, id: string, props: PredictionStackProps) {
		super(scope, id, props);
		const { settings } = props;
		const features = new PrivateBucket(this, "features", {
			settings,
			purpose: "features",
			lifecycle: [
				{ prefix: "sets/", expiration: Duration.days(CONTEXT_KEPT_DAYS) },
				{ abortIncompleteMultipartUploadAfter: Duration.days(1) },
			],
			whyUnlogged: "Written and read by training only; CloudTrail data events name it where an audit asks for it.",
		}).bucket;
		const { endpoint } = settings.model;
		if (endpoint.kind !== "existing") new ModelEndpoint(this, "model", { settings, endpoint, artefacts: features });
		this.parts = createControlParts(this, ControlPart.Prediction, settings);
		const { stream } = new AccessStream(this, "accesses", { settings, counter: this.parts.function(ACCESS_LOG_MAPPING.function) });
		new AccessArchive(this, "archive", { settings, stream, transform: this.parts.function(ACCESS_ARCHIVE.function) });
	}
}
