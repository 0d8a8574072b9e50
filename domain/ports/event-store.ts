import type { ExternalEvent } from "#domain/prediction/external/event.ts";

/** Declared events. Every method: @throws UnavailableError; retrying is safe. */
export interface EventStore {
	/** Those that have not ended long ago, by start and then id. */
	list(): Promise<readonly ExternalEvent[]>;
	read(eventId: string): Promise<ExternalEvent | undefined>;
	/** Stores an event, replacing one of the same id. */
	write(event: ExternalEvent): Promise<void>;
	/** @returns false when there is none */
	remove(eventId: string): Promise<boolean>;
}
