import type { RegionId } from "#domain/geography/region-id.ts";
import type { Activity } from "#local/clock/local-clock.ts";

/** Who signs with an access key: a sandbox of a function, or an outside client. */
export interface Caller {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken: string;
	readonly region: RegionId;
	/** Function name, or what else the key was issued for. */
	name: string;
	/** The chain of work the caller is in now; absent between invocations. */
	activity: Activity | undefined;
}

/** Identities of the local cloud: the access key in a SigV4 credential tells the gateway who calls, from where, within which activity. */
export class Callers {
	readonly #byKey = new Map<string, Caller>();
	#issued = 0;

	issue(region: RegionId, name: string): Caller {
		this.#issued += 1;
		const accessKeyId = `HELIOTROPE${String(this.#issued).padStart(6, "0")}`;
		// Secret enough where everybody is on this machine, and the same in every run.
		const [secretAccessKey, sessionToken] = [`secret-of-${accessKeyId}`, `session-of-${accessKeyId}`];
		const caller: Caller = { accessKeyId, secretAccessKey, sessionToken, region, name, activity: undefined };
		this.#byKey.set(caller.accessKeyId, caller);
		return caller;
	}

	find(accessKeyId: string): Caller | undefined {
		return this.#byKey.get(accessKeyId);
	}

	revoke(caller: Caller): void {
		this.#byKey.delete(caller.accessKeyId);
	}
}

/** Parses the credential of a SigV4 `Authorization` header: `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...`. */
export function parseCredential(authorization: string | undefined): { accessKeyId: string; region: string; service: string } | undefined {
	const match = /Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request/.exec(authorization ?? "");
	if (match === null) return undefined;
	const [, accessKeyId = "", region = "", service = ""] = match;
	return { accessKeyId, region, service };
}
