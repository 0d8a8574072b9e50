/** From the root of the project, which is esbuild's working directory. */
const HTTP_MODULE = "./lambdas/shared/http-module.cjs";

/** esbuild's choices for the code of every function: deployed, in the local cloud, and where it is measured. */
export const BUNDLING = {
	bundle: true,
	format: "esm",
	platform: "node",
	target: "node24",
	alias: { "node:http": HTTP_MODULE, http: HTTP_MODULE },
	/** Sources of credentials that the SDK would load if the environment of a function had none, which it has. */
	external: [
		"@aws-sdk/credential-provider-http",
		"@aws-sdk/credential-provider-ini",
		"@aws-sdk/credential-provider-process",
		"@aws-sdk/credential-provider-sso",
		"@aws-sdk/credential-provider-web-identity",
		"@smithy/credential-provider-imds",
	],
	/** Dependencies that are CommonJS ask for `require`, which an ES module has not. */
	banner: { js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);" },
} as const;
