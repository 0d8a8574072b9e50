import { beforeAll, describe } from "vitest";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { describeCopies } from "./copies-suite.ts";
import { describeFences } from "./fences-suite.ts";
import type { Subject } from "./fixtures.ts";
import { describeWrites } from "./writes-suite.ts";

/** A store on an empty or shared table; every test uses partitions of its own. */
export type MakeStore = (clock: ManualClock) => RegionalStore;

/** What every RegionalStore must do, one test a sentence of the port and of the protocol. */
export function describeRegionalStore(name: string, make: MakeStore): void {
	describe(`RegionalStore: ${name}`, () => {
		const subject = {} as Subject;
		beforeAll(() => {
			subject.clock = new ManualClock();
			subject.store = make(subject.clock);
		});
		describeFences(subject);
		describeWrites(subject);
		describeCopies(subject);
	});
}
