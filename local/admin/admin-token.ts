import { randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The token of the local admin API: `HELIOTROPE_ADMIN_TOKEN`, else the one in `<data>/admin-token` (mode 600), made at the first start. */
export function adminToken(dataDir: string, env: NodeJS.ProcessEnv): string {
	const given = env["HELIOTROPE_ADMIN_TOKEN"];
	if (given !== undefined && given !== "") return given;
	const file = join(dataDir, "admin-token");
	if (existsSync(file)) return readFileSync(file, "utf8").trim();
	const token = randomBytes(24).toString("base64url");
	writeFileSync(file, `${token}\n`, { mode: 0o600 });
	return token;
}

/** Whether an `Authorization` header bears the token; takes the same time for every wrong one. */
export function bearsToken(authorization: string | undefined, token: string): boolean {
	const expected = Buffer.from(`Bearer ${token}`);
	const given = Buffer.from(authorization ?? "");
	return given.length === expected.length && timingSafeEqual(given, expected);
}
