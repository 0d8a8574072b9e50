import type { MigrationRecord } from "#domain/migration/record.ts";

/** The name of a migration's `number`-th execution, from 0: a name is never free again, so each further execution takes the next one. */
export const executionName = (migrationId: string, number: number): string => (number === 0 ? migrationId : `${migrationId}-r${number}`);

/** The number of the execution that runs, or ran last, for a record. */
export const executionNumberOf = ({ attempt = 0, restarts }: Pick<MigrationRecord, "attempt" | "restarts">): number => attempt + restarts;

/** The name of the execution that runs, or ran last, for a record. */
export const executionNameOf = (record: Pick<MigrationRecord, "migrationId" | "attempt" | "restarts">): string =>
	executionName(record.migrationId, executionNumberOf(record));
