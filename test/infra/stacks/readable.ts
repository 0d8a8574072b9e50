/** A reference, joined text or attribute of a template in one readable word. */
export function readable(value: unknown): string {
	if (typeof value === "string") return value;
	const record = value as Record<string, unknown>;
	if ("Ref" in record) return `<${String(record["Ref"])}>`;
	const attribute = record["Fn::GetAtt"] as readonly string[] | undefined;
	if (attribute !== undefined) return `<${attribute.join(".")}>`;
	const join = record["Fn::Join"] as readonly [string, readonly unknown[]] | undefined;
	if (join !== undefined) return join[1].map(readable).join(join[0]);
	return JSON.stringify(value);
}
