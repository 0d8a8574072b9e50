/** On everything of a deployment that can be tagged, whether a stack makes it or a function does. */
export const deploymentTags = ({
	stage,
	tags,
}: {
	readonly stage: string;
	readonly tags?: Readonly<Record<string, string>>;
}): Readonly<Record<string, string>> => ({ "heliotrope:stage": stage, ...tags });
