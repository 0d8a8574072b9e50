import type { Version } from "#domain/partition/version.ts";

/** What an `If-Match` or `If-None-Match` field names: any live item, or the versions of its entity tags. */
export type TagSet = "any" | readonly Version[];

const VERSION_TAG = /^"(\d{1,15})-(\d{1,16})"$/;

/** The version behind a strong entity tag of this store; undefined for any other text (weak tags never match). */
export function versionOfTag(tag: string): Version | undefined {
	const [, epoch, n] = VERSION_TAG.exec(tag.trim()) ?? [];
	return epoch === undefined || n === undefined ? undefined : { epoch: Number(epoch), n: Number(n) };
}

/** Reads a list of entity tags as in RFC 9110 section 8.8.3; tags this store never gave out are left out, so they match nothing. */
export function parseTags(field: string): TagSet {
	if (field.trim() === "*") return "any";
	return field.split(",").flatMap((tag) => versionOfTag(tag) ?? []);
}

/** The same for a comparison in which a weak tag is as good as a strong one. @see RFC 9110 section 8.8.3.2 */
export const parseWeakTags = (field: string): TagSet => parseTags(field.replaceAll(/(^|,)(\s*)W\//g, "$1$2"));

/** Whether a live item at `version` is among `tags`. */
export const tagsInclude = (tags: TagSet, version: Version): boolean =>
	tags === "any" || tags.some((tag) => tag.epoch === version.epoch && tag.n === version.n);
