/** Without hashes of code, and the ids that are made of them. */
export const redact = (text: string): string =>
	text.replaceAll(/[0-9a-f]{64}/g, "<hash>").replaceAll(/CurrentVersion([0-9A-F]{8})[0-9a-f]{32}/g, "CurrentVersion$1<hash>");
