import { OperatingError } from "#domain/shared/errors.ts";

/** Every problem of the data API: its stable code, HTTP status and title (RFC 9457). A contract with clients. */
export const PROBLEMS = {
	"request.invalid": { status: 400, title: "The request cannot be understood." },
	"partition.invalid": { status: 400, title: "A partition is 1 to 128 of A-Z a-z 0-9 . _ ~ : -" },
	"item.key-invalid": { status: 400, title: "A key is 1 to 512 bytes of UTF-8, percent-encoded." },
	"consistency.invalid": { status: 400, title: "x-heliotrope-consistency is linearizable, session or eventual." },
	"session.token-invalid": { status: 400, title: "x-heliotrope-session holds what this service never gave out." },
	"session.token-foreign": { status: 400, title: "x-heliotrope-session holds a token of another partition." },
	"cursor.invalid": { status: 400, title: "The cursor was not given out for this list." },
	"deadline.invalid": { status: 400, title: "x-heliotrope-timeout-ms is a whole number from 1 to 60000." },
	"idempotency.key-invalid": { status: 400, title: "An idempotency key is 1 to 255 visible ASCII characters." },
	"auth.missing": { status: 401, title: "This needs a bearer token." },
	"auth.invalid": { status: 401, title: "The bearer token does not count." },
	"auth.partition-denied": { status: 403, title: "The bearer of this token has no access to the partition." },
	"auth.scope-denied": { status: 403, title: "The token does not have the scope for this." },
	"auth.not-configured": { status: 403, title: "This deployment has not been told whom to let in." },
	"path.unknown": { status: 404, title: "There is nothing at this path." },
	"partition.unknown": { status: 404, title: "The partition does not exist." },
	"item.not-found": { status: 404, title: "The item does not exist." },
	"method.not-allowed": { status: 405, title: "The path does not take this method." },
	"precondition.failed": { status: 412, title: "The item is not what the precondition asks for." },
	"item.too-large": { status: 413, title: "An item holds at most 256 KiB." },
	"batch.too-large": { status: 413, title: "The batch asks for more than one answer can hold." },
	"idempotency.key-reused": { status: 422, title: "Another request has used this idempotency key." },
	internal: { status: 500, title: "The service failed." },
	"partition.fenced": { status: 503, title: "The partition is being handed over." },
	"partition.unsettled": { status: 503, title: "The partition kept changing hands while the request was served." },
	"partition.elsewhere": { status: 421, title: "Another region leads the partition." },
	"partition.unavailable": { status: 503, title: "No copy of the partition can be served from here now." },
	"route.loop": { status: 503, title: "Regions point at each other for this partition." },
	"region.unreachable": { status: 503, title: "The region that leads the partition cannot be reached." },
	"auth.unavailable": { status: 503, title: "Tokens cannot be verified now." },
	"deadline.exceeded": { status: 503, title: "The time for this request is over." },
	"load.shed": { status: 503, title: "Too much is under way to take this on." },
	"store.unavailable": { status: 503, title: "The store did not answer." },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

/** An answer other than success, thrown where it is found and turned into `application/problem+json` at the handler's edge. */
export class ProblemError extends OperatingError {
	override name = "ProblemError";
	readonly problem: ProblemCode;
	/** Extra header fields of the answer. */
	readonly headers: Readonly<Record<string, string>>;

	constructor(problem: ProblemCode, detail?: string, options: { headers?: Readonly<Record<string, string>>; cause?: unknown } = {}) {
		super(detail ?? PROBLEMS[problem].title, { code: problem, retryable: PROBLEMS[problem].status === 503, cause: options.cause });
		this.problem = problem;
		this.headers = options.headers ?? {};
	}
}

/** The body of a problem answer. `detail` may quote the request, never anything stored. */
export const problemBody = (code: ProblemCode, detail: string, requestId: string) => ({
	type: `urn:heliotrope:problem:${code}`,
	title: PROBLEMS[code].title,
	status: PROBLEMS[code].status,
	detail,
	code,
	requestId,
});
