/** A training job as the platform shows it. */
export type TrainingStatus =
	| { readonly status: "running" }
	| { readonly status: "completed" /** Key of the archive below the output. */; readonly artefactUrl: string }
	| { readonly status: "failed"; readonly why: string };

export interface TrainingRequest {
	readonly name: string;
	/** Channel -> URL prefix of its objects. */
	readonly channels: Readonly<Record<string, string>>;
	/** Where the archive goes. */
	readonly outputUrl: string;
	readonly hyperparameters: Readonly<Record<string, string>>;
}

/** Where models are trained and served: SageMaker. Every method: @throws UnavailableError when a retry may help. */
export interface ModelPlatform {
	/** Starting a job of the same name again changes nothing. */
	startTraining(request: TrainingRequest): Promise<void>;
	describeTraining(name: string): Promise<TrainingStatus>;
	/** Begins to serve an archive in place of what the endpoint serves; repeating it changes nothing. */
	promote(name: string, artefactUrl: string): Promise<void>;
	/**
	 * Begins to serve an archive again where the endpoint serves something else, which is what a deployment that changes its image or its
	 * capacity leaves; on the image and the capacity of now. Whether it did: not while an update is under way.
	 */
	restore(name: string, artefactUrl: string): Promise<boolean>;
	/** Whether the endpoint serves the promoted model: `updating` until it does, `failed` when the platform gave up and kept the old one. */
	promotionState(name: string): Promise<"updating" | "serving" | "failed">;
}
