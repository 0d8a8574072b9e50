#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Without types itself, and before anything else is loaded: types are stripped once, and what strips them is not loaded at every start.
// In the environment, for threads and processes too.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("../node_modules/.cache/heliotrope/compiled", import.meta.url));
enableCompileCache();
const { main } = await import("#cli/program.ts");

process.exit(await main(process.argv.slice(2)));
