/** The page's folder below the repository root. */
export const CONSOLE_FOLDER = "console";

/** The file of the page that is another one where an identity provider signs in: this bundle. */
export const CONSOLE_SIGN_IN = { file: "sign-in.js", source: "infra/console/sign-in.js" } as const;

/** What the page reads of its deployment, as `config.json`. */
export interface ConsoleConfig {
	/** The issuer of tokens. */
	readonly authority: string;
	readonly clientId: string;
}

/** What the page may do and reach. @param connect origins besides its own: those of the identity provider */
export const consolePolicy = (connect: readonly string[]): string =>
	[
		"default-src 'self'",
		...(connect.length === 0 ? [] : [`connect-src 'self' ${connect.join(" ")}`]),
		// What `default-src` does not cover
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	].join("; ");
