import type { RegionId } from "#domain/geography/region-id.ts";
import type { EngineClient } from "#local/engines/engine-client.ts";

/** A record as GetRecords answers it. */
export interface EngineRecord {
	readonly eventName: string;
	readonly dynamodb: {
		readonly Keys: Readonly<Record<string, { readonly S?: string }>>;
		readonly NewImage?: unknown;
		readonly OldImage?: unknown;
		readonly SequenceNumber: string;
		readonly SizeBytes?: number;
		readonly StreamViewType: string;
	};
}

interface Position {
	/** Sequence number after which `iterator` stands. */
	readonly after: string | undefined;
	readonly iterator: string;
}

/** Reads one table's stream in one region. Shards are read parents first, in the order in which the engine lists them. */
export class StreamReader {
	readonly #engine: Pick<EngineClient, "json">;
	readonly #region: RegionId;
	readonly #table: string;
	#arn: string | undefined;
	#shards: readonly string[] | undefined;
	readonly #positions = new Map<string, Position>();

	/** @param table full name */
	constructor(engine: Pick<EngineClient, "json">, region: RegionId, table: string) {
		this.#engine = engine;
		this.#region = region;
		this.#table = table;
	}

	/** @throws EngineLostError, EngineRefusedError */
	async shards(): Promise<readonly string[]> {
		this.#shards ??= await this.#listShards();
		return this.#shards;
	}

	/** Up to `limit` records after the sequence number; none at the end of the stream. @throws EngineLostError, EngineRefusedError */
	async read(shard: string, after: string | undefined, limit: number): Promise<readonly EngineRecord[]> {
		const known = this.#positions.get(shard);
		this.#positions.delete(shard);
		const iterator = known !== undefined && known.after === after ? known.iterator : await this.#iteratorAt(shard, after);
		const input = { ShardIterator: iterator, Limit: limit };
		const { Records, NextShardIterator } = await this.#call<{ Records: EngineRecord[]; NextShardIterator?: string }>("GetRecords", input);
		if (NextShardIterator === undefined) this.#shards = undefined;
		else this.#positions.set(shard, { after: Records.at(-1)?.dynamodb.SequenceNumber ?? after, iterator: NextShardIterator });
		return Records;
	}

	async #iteratorAt(shard: string, after: string | undefined): Promise<string> {
		const from =
			after === undefined ? { ShardIteratorType: "TRIM_HORIZON" } : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: after };
		const input = { StreamArn: await this.#streamArn(), ShardId: shard, ...from };
		return (await this.#call<{ ShardIterator: string }>("GetShardIterator", input)).ShardIterator;
	}

	async #listShards(): Promise<readonly string[]> {
		const input = { StreamArn: await this.#streamArn() };
		const { StreamDescription } = await this.#call<{ StreamDescription: { Shards: { ShardId: string }[] } }>("DescribeStream", input);
		return StreamDescription.Shards.map((shard) => shard.ShardId);
	}

	async #streamArn(): Promise<string> {
		this.#arn ??= (await this.#call<{ Streams: { StreamArn: string }[] }>("ListStreams", { TableName: this.#table })).Streams.at(
			-1,
		)?.StreamArn;
		if (this.#arn === undefined) throw new RangeError(`${this.#table} has no stream in ${this.#region}`);
		return this.#arn;
	}

	#call<T>(operation: string, input: unknown): Promise<T> {
		return this.#engine.json<T>(this.#region, `DynamoDBStreams_20120810.${operation}`, input);
	}
}
