import { AdminProblem, type AdminRequest, type AdminResponse } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";

/** Decoded path parameters by name. */
export type PathParameters = Readonly<Record<string, string>>;

export interface Route {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** Below `/admin/v1/`; `:name` stands for one segment. */
	readonly pattern: string;
	readonly handle: (ports: AdminPorts, request: AdminRequest, parameters: PathParameters) => Promise<AdminResponse>;
}

const BASE = "/admin/v1/";

/** Finds the route and runs it. @throws AdminProblem 404 for an unknown path, 405 for another method */
export function dispatch(routes: readonly Route[], ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const matching = routes.flatMap((route) => {
		const parameters = match(route.pattern, request.path);
		return parameters === undefined ? [] : [{ route, parameters }];
	});
	const found = matching.find(({ route }) => route.method === request.method);
	if (found !== undefined) return found.route.handle(ports, request, found.parameters);
	if (matching.length === 0) throw new AdminProblem(404, "path.unknown", `the admin API has no ${request.path.slice(0, 200)}`);
	const allowed = matching.map(({ route }) => route.method).join(", ");
	throw new AdminProblem(405, "method.not-allowed", `allowed here: ${allowed}`);
}

function match(pattern: string, path: string): PathParameters | undefined {
	if (!path.startsWith(BASE)) return undefined;
	const expected = pattern.split("/");
	const given = path.slice(BASE.length).split("/");
	if (expected.length !== given.length) return undefined;
	const parameters: Record<string, string> = {};
	for (const [index, part] of expected.entries()) {
		const segment = given[index] ?? "";
		if (part.startsWith(":")) parameters[part.slice(1)] = decode(segment);
		else if (part !== segment) return undefined;
	}
	return parameters;
}

function decode(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		throw new AdminProblem(400, "path.invalid-encoding", `${segment.slice(0, 200)} is not percent-encoded UTF-8`);
	}
}
