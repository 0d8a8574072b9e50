import { main } from "#bench/program.ts";

process.exit(await main(process.argv.slice(2)));
