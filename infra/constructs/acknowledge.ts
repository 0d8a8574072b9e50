import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Accepts one finding of the rule pack below `scope`; the reason is what a reviewer reads. */
export function acknowledge(scope: IConstruct, id: string, reason: string): void {
	Validations.of(scope).acknowledge({ id, reason });
}
