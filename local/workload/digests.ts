import { createHash } from "node:crypto";

/** SHA-256, in hex, over lines in their sorted order: equal for two runs that did the same, in whatever order it is listed. */
export const digestOfLines = (lines: readonly string[]): string => createHash("sha256").update(lines.toSorted().join("\n")).digest("hex");
