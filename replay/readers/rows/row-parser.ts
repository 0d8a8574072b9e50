import { cloudFrontParser } from "#replay/readers/rows/cloudfront-row.ts";
import { plainParser } from "#replay/readers/rows/plain-row.ts";
import type { RowContext, RowParser } from "#replay/readers/rows/row-context.ts";

/** Chooses by the columns: CloudFront's fields, else the columns of an access log of one's own. @throws LogError naming what is missing */
export const createRowParser = (file: string, names: readonly string[], context: RowContext): RowParser =>
	looksLikeCloudFront(names) ? cloudFrontParser(file, names, context) : plainParser(file, names, context);

const looksLikeCloudFront = (names: readonly string[]): boolean =>
	names.some((name) => /^(c|cs|sc)_/.test(name) || name === "x_edge_location" || name === "x_host_header") && !names.includes("partition");
