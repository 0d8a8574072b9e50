import { parseArgs } from "node:util";
import { NobodyThereError } from "#conformance/http-client.ts";
import { type Finding, runConformance } from "#conformance/run-conformance.ts";
import { createRequestSigner, functionUrlRegion, type SignRequest } from "#conformance/sign-requests.ts";

const USAGE = "usage: npm run conformance -- URL [--token TOKEN] [--partition NAME] [--sign REGION]";

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** Checks the data API at a URL; the exit code: 0 all promises are kept, 1 some are not, 2 it could not be looked at. */
async function main(args: string[]): Promise<number> {
	try {
		const options = { token: { type: "string" }, partition: { type: "string" }, sign: { type: "string" } } as const;
		const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
		const [url] = positionals;
		if (url === undefined || positionals.length > 1 || !/^https?:\/\//.test(url) || !URL.canParse(url)) return refuse(USAGE);
		const { sign: region, ...rest } = values;
		if (region !== undefined && !REGION.test(region)) return refuse(`--sign takes a region such as eu-west-1; ${USAGE}`);
		const findings = await runConformance({ baseUrl: new URL(url), ...rest, sign: signerFor(new URL(url), region) });
		process.stdout.write(`${table(findings)}\n`);
		return findings.every(({ problem }) => problem === undefined) ? 0 : 1;
	} catch (error) {
		if (error instanceof Error && error.name === "CredentialsProviderError")
			return refuse(`there are no AWS credentials to sign with: ${error.message.split(". ")[0]}`);
		if (error instanceof NobodyThereError) return refuse(error.message);
		if (error instanceof TypeError && "code" in error) return refuse(`${error.message.split(". ")[0]}; ${USAGE}`);
		throw error;
	}
}

/** Function URLs are signed for, whether it is said or not: they take nothing else. */
function signerFor(url: URL, given: string | undefined): SignRequest | undefined {
	const region = given ?? functionUrlRegion(url);
	return region === undefined ? undefined : createRequestSigner(region);
}

function refuse(line: string): number {
	process.stderr.write(`conformance: ${line}\n`);
	return 2;
}

function table(findings: readonly Finding[]): string {
	const width = Math.max(...findings.map(({ about }) => about.length));
	const lines = findings.flatMap(({ about, says, problem }) => [
		`${problem === undefined ? "ok  " : "FAIL"}  ${about.padEnd(width)}  ${says}`,
		...(problem === undefined ? [] : [`      ${" ".repeat(width)}  ${problem}`]),
	]);
	const kept = findings.filter(({ problem }) => problem === undefined).length;
	return [...lines, `${kept} of ${findings.length} promises of the data API are kept`].join("\n");
}

process.exitCode = await main(process.argv.slice(2));
