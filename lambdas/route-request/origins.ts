import type { CloudFrontHeaders, CloudFrontRequest } from "aws-lambda";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { DataPlaneDirectory } from "#domain/ports/data-plane-directory.ts";
import { EdgeHeader } from "#domain/routing/edge-headers.ts";
import { type EdgeConfig, type EdgeOrigin, originOf } from "#infra/description/edge.ts";
import { DATA_PLANE_TIMEOUT_SECONDS } from "#infra/description/functions.ts";
import { entries } from "#lambdas/route-request/edge-headers.ts";

/** The data plane answers or is stopped by then; the rest is for a forward's connection. */
const READ_TIMEOUT_SECONDS = DATA_PLANE_TIMEOUT_SECONDS + 5;
const KEEPALIVE_SECONDS = 5;
/** A data plane's URL changes only when its function is made anew: it is looked up again after this time, in ms, while the old one serves. */
const FRESH_MS = 60_000;

/** A region's origin as CloudFront takes it, and the `Host` it is asked under. */
export interface PreparedOrigin {
	readonly origin: NonNullable<CloudFrontRequest["origin"]>;
	readonly host: CloudFrontHeaders[string];
}

export interface OriginsParts {
	readonly config: Pick<EdgeConfig, "origins">;
	readonly nearRegion: RegionId;
	/** Where data planes are that are not baked in. */
	readonly directory: Pick<DataPlaneDirectory, "urlOf">;
	readonly clock: Pick<Clock, "nowMs">;
	readonly background: (work: () => Promise<void>) => void;
}

interface Known {
	readonly prepared: PreparedOrigin;
	/** Infinity for what is baked in. */
	freshUntilMs: number;
}

/** What requests of an instance have in common, made once: the baked origins, and those that it has looked up. */
export class Origins {
	readonly edgeRegion: CloudFrontHeaders[string];
	readonly #parts: OriginsParts;
	readonly #known = new Map<RegionId, Known>();
	readonly #regions = new Map<string, RegionId>();

	constructor(parts: OriginsParts) {
		this.#parts = parts;
		this.edgeRegion = entries(EdgeHeader.EdgeRegion, parts.nearRegion);
		for (const [region, origin] of Object.entries(parts.config.origins)) this.#keep(region as RegionId, origin, Number.POSITIVE_INFINITY);
	}

	/** Undefined while the region is not known here; `find` asks the directory. */
	of(region: RegionId): PreparedOrigin | undefined {
		const known = this.#known.get(region);
		if (known === undefined) return undefined;
		const nowMs = this.#parts.clock.nowMs();
		if (nowMs >= known.freshUntilMs) {
			known.freshUntilMs = nowMs + FRESH_MS;
			this.#parts.background(async () => void (await this.find(region)));
		}
		return known.prepared;
	}

	/** What the directory says; undefined where it knows none. @throws UnavailableError */
	async find(region: RegionId): Promise<PreparedOrigin | undefined> {
		const url = await this.#parts.directory.urlOf(region);
		return url === undefined ? undefined : this.#keep(region, originOf(url), this.#parts.clock.nowMs() + FRESH_MS);
	}

	/** The region whose origin this is; undefined for a foreign one. */
	regionOf(domainName: string | undefined): RegionId | undefined {
		return this.#regions.get(domainName ?? "");
	}

	#keep(region: RegionId, origin: EdgeOrigin, freshUntilMs: number): PreparedOrigin {
		const prepared = prepare(origin);
		this.#known.set(region, { prepared, freshUntilMs });
		this.#regions.set(origin.domainName, region);
		return prepared;
	}
}

const prepare = ({ domainName, port, protocol }: EdgeOrigin): PreparedOrigin => ({
	host: entries("host", domainName),
	origin: {
		custom: {
			domainName,
			port,
			protocol,
			path: "",
			sslProtocols: ["TLSv1.2"],
			readTimeout: READ_TIMEOUT_SECONDS,
			keepaliveTimeout: KEEPALIVE_SECONDS,
			customHeaders: {},
		},
	},
});
