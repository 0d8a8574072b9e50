/**
 * Preloaded into child processes: standard input is a pipe from the parent, and its end means that the parent is gone, also by
 * SIGKILL, which nothing else would tell.
 */
process.stdin.on("end", () => process.exit(0)).resume();
process.stdin.on("error", () => process.exit(0));
(process.stdin as { unref?: () => void }).unref?.();
