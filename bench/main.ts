import { main } from "#bench/program.ts";

// Whatever ends this process, engines and temporary directories go with it: they wait for `exit`, which a signal alone does not emit.
for (const [signal, code] of [
	["SIGINT", 130],
	["SIGTERM", 143],
] as const) {
	process.once(signal, () => process.exit(code));
}
process.exit(await main(process.argv.slice(2)));
