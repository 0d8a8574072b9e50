import * as z from "zod/mini";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import type { EdgeConfig } from "#infra/description/edge.ts";

/** Replaced by the bundler (esbuild `define`) with the JSON of an `EdgeConfig`. */
declare const __HELIOTROPE_EDGE_CONFIG__: unknown;

const region = z.custom<RegionId>((value) => typeof value === "string" && isRegionId(value), "an AWS region code");

/** What the bundler must have put in. Keys it does not name are ignored, so that an older function runs beside a newer build. */
const edgeConfigSchema = z.object({
	stage: z.string().check(z.minLength(1)),
	regions: z.readonly(z.array(region).check(z.minLength(1))),
	controlRegion: region,
	metadataTable: z.string().check(z.minLength(1)),
	origins: z.record(
		z.string(),
		z.object({
			domainName: z.string().check(z.minLength(1), z.maxLength(253)),
			port: z.int().check(z.minimum(1), z.maximum(65535)),
			protocol: z.enum(["http", "https"]),
		}),
	),
	rttMatrix: z.exactOptional(z.record(z.string(), z.record(z.string(), z.number().check(z.minimum(0))))),
	partitionRule: z.exactOptional(z.string()),
});

/** The configuration of this bundle. @throws ZodError at cold start when the bundle was built without one */
export const bakedConfig = (): EdgeConfig => edgeConfigSchema.parse(__HELIOTROPE_EDGE_CONFIG__);
