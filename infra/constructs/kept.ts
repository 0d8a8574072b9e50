import { RemovalPolicy } from "aws-cdk-lib";

/**
 * Kept when its stack goes, or when it is replaced, but not when the deployment that was to make it fails: it has a fixed name, which the
 * next try needs.
 */
export const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** What becomes of something that holds data, or of what goes with its stack. */
export const keptIf = (kept: boolean): RemovalPolicy => (kept ? KEPT : RemovalPolicy.DESTROY);
