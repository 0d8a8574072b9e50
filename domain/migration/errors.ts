import { OperatingError } from "#domain/shared/errors.ts";

/** The partition or a fence is held by something else: this execution stops and undoes nothing, for nothing is its own. */
export class MigrationConflictError extends OperatingError {
	override name = "MigrationConflictError";
	constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
		super(message, { code: "migration.conflict", retryable: false, details });
	}
}

/** Why a plan was not made. The codes are stable. */
export type RefusalCode = "migration.frozen" | "migration.residency" | "migration.invalid-plan" | "migration.partition-unknown";

/** The plan may not or cannot be made. Nothing was claimed. */
export class MigrationRefusedError extends OperatingError {
	override name = "MigrationRefusedError";
	constructor(code: RefusalCode, message: string) {
		super(message, { code, retryable: false });
	}
}

/** Before the decision something asked or forced this migration to end: Cancel takes over. */
export class MigrationAbortedError extends OperatingError {
	override name = "MigrationAbortedError";
	constructor(message: string, code = "migration.aborted") {
		super(message, { code, retryable: false });
	}
}

/** A copy differs from the leader's in a way that the journal does not explain. Cancel takes over. */
export class VerificationError extends OperatingError {
	override name = "VerificationError";
	constructor(message: string, details: Readonly<Record<string, unknown>>) {
		super(message, { code: "migration.verification-failed", retryable: false, details });
	}
}

/** Writes come in faster than they are carried. Cancel takes over. */
export class CatchUpError extends OperatingError {
	override name = "CatchUpError";
	constructor(entries: number) {
		super(`the journal did not become short: ${entries} entries in the last pass`, {
			code: "migration.catch-up-timeout",
			retryable: false,
			details: { entries },
		});
	}
}

/** A copy about to be deleted holds something its leader does not: it is kept, and a person has to look. */
export class NotDominatedError extends OperatingError {
	override name = "NotDominatedError";
	constructor(region: string, bucket: number) {
		super(`bucket ${bucket} in ${region} holds a version that the leader does not dominate; nothing was deleted`, {
			code: "migration.not-dominated",
			retryable: false,
			details: { region, bucket },
		});
	}
}

/** A put on a copy was refused by its fence: the copy is no longer this migration's at this epoch. Whoever runs next looks at the fences again. */
export class CarryRefusedError extends OperatingError {
	override name = "CarryRefusedError";
	constructor(region: string) {
		super(`the copy in ${region} refuses what is carried to it`, { code: "migration.carry-refused", retryable: true, details: { region } });
	}
}

/** Fences kept changing between reading and writing them. A retry reads them again. */
export class FencesBusyError extends OperatingError {
	override name = "FencesBusyError";
	constructor(region: string) {
		super(`the fences in ${region} changed while they were being changed`, { code: "migration.fences-busy", retryable: true });
	}
}
