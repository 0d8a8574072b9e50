import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ObjectStore } from "#domain/ports/object-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

/** Objects in an S3 bucket. */
export const createObjectStore = (client: S3Client, bucket: string): ObjectStore => ({
	url: `s3://${bucket}/`,
	put: (key, body, contentType) =>
		translated(`${bucket}/${key} could not be written`, async () => {
			await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
		}),
	get: (key) =>
		translated(`${bucket}/${key} could not be read`, async () => {
			try {
				const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
				return Body?.transformToByteArray();
			} catch (error) {
				if (error instanceof NoSuchKey) return undefined;
				throw error;
			}
		}),
});

/** What no repetition mends. */
const DEFECTS = new Set(["NoSuchBucket", "AccessDenied", "InvalidRequest", "NotImplemented"]);

async function translated<T>(message: string, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		if (cause instanceof Error && DEFECTS.has(cause.name)) throw cause;
		throw new UnavailableError(message, { code: "store.unavailable", cause });
	}
}
