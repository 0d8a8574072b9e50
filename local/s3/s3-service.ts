import { createHash } from "node:crypto";
import type { AwsCall, AwsReply, AwsService } from "#local/gateway/aws-service.ts";
import type { BucketFiles } from "#local/s3/bucket-files.ts";

const MAX_KEYS = 1000;

/**
 * The part of S3 that is used, addressed by path: PutObject, GetObject, HeadObject, DeleteObject, ListObjectsV2 of buckets that exist.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
export function s3Service(files: BucketFiles, buckets: readonly string[]): AwsService {
	return {
		name: "s3",
		handle: async (call) => {
			const url = new URL(call.path, "http://s3.local");
			const [, bucket = "", ...rest] = url.pathname.split("/");
			const key = decodeURIComponent(rest.join("/"));
			if (!buckets.includes(bucket)) return failure(404, "NoSuchBucket", `The specified bucket does not exist: ${bucket}`);
			if (key === "") return call.method === "GET" ? list(files, bucket, url.searchParams) : notImplemented(call);
			return answerObject(files, bucket, key, call);
		},
	};
}

function answerObject(files: BucketFiles, bucket: string, key: string, call: AwsCall): AwsReply {
	switch (call.method) {
		case "PUT":
			if (call.headers["x-amz-copy-source"] !== undefined || call.headers["content-encoding"] === "aws-chunked")
				return notImplemented(call);
			files.put(bucket, key, call.body);
			return { status: 200, headers: { etag: etagOf(call.body) }, body: "" };
		case "GET":
		case "HEAD": {
			const body = files.get(bucket, key);
			if (body === undefined) return failure(404, "NoSuchKey", "The specified key does not exist.");
			const headers = { etag: etagOf(body), "content-type": "application/octet-stream" };
			return { status: 200, headers, body: call.method === "GET" ? body : "" };
		}
		case "DELETE":
			files.delete(bucket, key);
			return { status: 204, headers: {}, body: "" };
		default:
			return notImplemented(call);
	}
}

function list(files: BucketFiles, bucket: string, query: URLSearchParams): AwsReply {
	const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
	const found = files.list(bucket, query.get("prefix") ?? "").filter(({ key }) => key > after);
	const limit = Math.min(MAX_KEYS, Number(query.get("max-keys") ?? MAX_KEYS));
	const page = found.slice(0, limit);
	const contents = page.map(({ key, size }) => `<Contents><Key>${escapeXml(key)}</Key><Size>${size}</Size></Contents>`).join("");
	const more = found.length > page.length ? `<NextContinuationToken>${escapeXml(page.at(-1)?.key ?? "")}</NextContinuationToken>` : "";
	return xml(
		200,
		`<ListBucketResult><Name>${bucket}</Name><KeyCount>${page.length}</KeyCount><IsTruncated>${more !== ""}</IsTruncated>${more}${contents}</ListBucketResult>`,
	);
}

const etagOf = (body: Uint8Array): string => `"${createHash("md5").update(body).digest("hex")}"`;

const failure = (status: number, code: string, message: string): AwsReply =>
	xml(status, `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`);

const notImplemented = ({ method, path }: AwsCall): AwsReply =>
	failure(501, "NotImplemented", `the local S3 has no ${method} ${path.slice(0, 200)}`);

const xml = (status: number, body: string): AwsReply => ({
	status,
	headers: { "content-type": "application/xml" },
	body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});

const escapeXml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
