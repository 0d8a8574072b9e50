import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A full garbage collection, now. */
export function collectGarbage(): void {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc") as () => void;
	// buffers go with the collection after the one that finds them unused
	collect();
	collect();
}
