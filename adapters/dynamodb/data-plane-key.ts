import { KEY } from "#infra/description/tables.ts";

/** All data planes lie under one partition key of the metadata table, each region's URL under its code. */
export const DATA_PLANES_KEY = "DATA-PLANES";

export const dataPlaneKey = (region: string) => ({ [KEY.partitionKey]: DATA_PLANES_KEY, [KEY.sortKey]: region });
