import * as z from "zod";

/** Where a claim's value goes in a template. */
export const PLACEHOLDER = "{}";

/** Characters of a partition's name that may close the prefix which a caller is given. */
const DELIMITERS = ".:~_-";

/** The issuer's address: HTTPS, but for an issuer on this machine. */
const issuerUrl = z.url().refine((text) => {
	const { protocol, hostname } = new URL(text);
	return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname));
}, "an https URL (http on the loopback interface only)");

const partitionRule = z
	.strictObject({
		/** The claim that says whose data it is: a string, or several. */
		claim: z.string().min(1),
		/** The partition's name, `{}` standing for the claim's value. @default "{}" */
		template: z
			.string()
			.regex(/^[A-Za-z0-9._~:-]*\{\}[A-Za-z0-9._~:-]*$/, "a partition's name with one {} for the claim's value")
			.default(PLACEHOLDER),
		/** `exact`: the partition of that name; `prefix`: every partition whose name begins with it. @default "exact" */
		match: z.enum(["exact", "prefix"]).default("exact"),
	})
	.refine(
		({ match, template }) => match === "exact" || (!template.endsWith(PLACEHOLDER) && DELIMITERS.includes(template.at(-1) ?? " ")),
		`a prefix must close with one of ${DELIMITERS}, or tenant "a" reaches what belongs to tenant "ab"`,
	);

const scopeRule = z
	.strictObject({
		/** The claim that lists scopes: one string with spaces between, or, in a claim of another name, several strings. @default "scope" */
		claim: z.string().min(1).default("scope"),
		read: z.string().min(1).default("heliotrope.read"),
		write: z.string().min(1).default("heliotrope.write"),
	})
	.prefault({});

const issuerPolicy = z.strictObject({
	/** Must be the token's `iss`, character for character. */
	issuer: issuerUrl,
	/** One of these must be in the token's `aud`. */
	audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).transform((value) => [value].flat()),
	/** Where the issuer publishes its keys. @default `<issuer>/.well-known/jwks.json` */
	jwksUri: issuerUrl.optional(),
	/** Seconds that the issuer's clock and ours may differ by, 0..300. @default 60 */
	clockSkewSeconds: z.int().min(0).max(300).default(60),
	partitions: partitionRule,
	scopes: scopeRule,
});
export type IssuerPolicy = z.output<typeof issuerPolicy>;

/** Who may reach which partitions of a deployment. */
export const accessPolicySchema = z.discriminatedUnion("mode", [
	/** Whoever reaches the data plane may do everything: the local demo, or an application that controls access itself. */
	z.strictObject({ mode: z.literal("off") }),
	/** Nobody may do anything: a deployment that has not said what it wants. */
	z.strictObject({ mode: z.literal("closed") }),
	z.strictObject({
		mode: z.literal("oidc"),
		issuers: z
			.array(issuerPolicy)
			.min(1)
			.refine((all) => new Set(all.map(({ issuer }) => issuer)).size === all.length, "each issuer once"),
	}),
]);
export type AccessPolicy = z.output<typeof accessPolicySchema>;
/** As it is written in settings, before defaults are filled in. */
export type AccessSettings = z.input<typeof accessPolicySchema>;
