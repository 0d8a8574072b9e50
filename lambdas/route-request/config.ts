import { z } from "zod";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import type { EdgeConfig } from "#infra/description/edge.ts";

/** Replaced by the bundler (esbuild `define`) with the JSON of an `EdgeConfig`. */
declare const __HELIOTROPE_EDGE_CONFIG__: unknown;

const region = z.custom<RegionId>((value) => typeof value === "string" && isRegionId(value), "an AWS region code");

/** What the bundler must have put in. Keys it does not name are ignored, so that an older function runs beside a newer build. */
const edgeConfigSchema: z.ZodType<EdgeConfig> = z.object({
	stage: z.string().min(1),
	regions: z.array(region).min(1).readonly(),
	controlRegion: region,
	metadataTable: z.string().min(1),
	origins: z.record(
		z.string(),
		z.object({ domainName: z.string().min(1).max(253), port: z.int().min(1).max(65535), protocol: z.enum(["http", "https"]) }),
	),
	rttMatrix: z.record(z.string(), z.record(z.string(), z.number().min(0))).exactOptional(),
});

/** The configuration of this bundle. @throws ZodError at cold start when the bundle was built without one */
export const bakedConfig = (): EdgeConfig => edgeConfigSchema.parse(__HELIOTROPE_EDGE_CONFIG__);
