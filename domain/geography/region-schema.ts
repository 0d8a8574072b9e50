import * as z from "zod";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";

/** An AWS region code at a border. */
export const regionSchema = z.custom<RegionId>((value) => typeof value === "string" && isRegionId(value), "expected an AWS region code");
