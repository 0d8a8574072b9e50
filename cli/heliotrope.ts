#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Before anything else is loaded: types are stripped once, not at every start.
enableCompileCache();
const { main } = await import("#cli/program.ts");

process.exit(await main(process.argv.slice(2)));
