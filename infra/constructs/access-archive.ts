import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { CfnDatabase, CfnTable } from "aws-cdk-lib/aws-glue";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Stream } from "aws-cdk-lib/aws-kinesis";
import { CfnDeliveryStream } from "aws-cdk-lib/aws-kinesisfirehose";
import { LogGroup, LogStream, RetentionDays } from "aws-cdk-lib/aws-logs";
import { type Bucket, StorageClass } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { acknowledge, acknowledgeObjectsOf } from "#infra/constructs/acknowledge.ts";
import type { DescribedFunction } from "#infra/constructs/described-function.ts";
import { PrivateBucket } from "#infra/constructs/private-bucket.ts";
import { ACCESS_ARCHIVE } from "#infra/description/access-archive.ts";
import type { Settings } from "#infra/settings.ts";

export interface AccessArchiveProps {
	readonly settings: Settings;
	readonly stream: Stream;
	/** Turns log lines into rows. */
	readonly transform: DescribedFunction;
}

const BUFFER = { intervalInSeconds: 300, sizeInMBs: 64 };
const GLUE_TABLE = "accesses";
const PARQUET = {
	inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
	outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
	serdeInfo: { serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
};

/** Accesses as Parquet in S3, for training: Firehose reads the stream, a function makes rows, Glue knows their columns. */
export class AccessArchive extends Construct {
	readonly bucket: Bucket;
	readonly #role: Role;
	readonly #databaseName: string;

	constructor(scope: Construct, id: string, props: AccessArchiveProps) {
		super(scope, id);
		const { settings, stream, transform } = props;
		const name = `heliotrope-${settings.stage}-access-archive`;
		this.#databaseName = `heliotrope_${settings.stage.replaceAll("-", "_")}`;
		this.bucket = accessBucket(this, settings);
		const table = this.#describeRows();
		this.#role = new Role(this, "Role", { assumedBy: new ServicePrincipal("firehose.amazonaws.com") });
		this.#grant(stream, transform);
		const logs = new LogGroup(this, "Logs", {
			logGroupName: `/aws/kinesisfirehose/${name}`,
			retention: RetentionDays.ONE_MONTH,
			removalPolicy: RemovalPolicy.DESTROY,
		});
		logs.grantWrite(this.#role);
		const errors = new LogStream(this, "Errors", { logGroup: logs, logStreamName: "delivery", removalPolicy: RemovalPolicy.DESTROY });
		const delivery = new CfnDeliveryStream(this, "Delivery", {
			deliveryStreamName: name,
			deliveryStreamType: "KinesisStreamAsSource",
			kinesisStreamSourceConfiguration: { kinesisStreamArn: stream.streamArn, roleArn: this.#role.roleArn },
			extendedS3DestinationConfiguration: this.#destination(transform, logs.logGroupName, errors.logStreamName),
		});
		delivery.node.addDependency(this.#role, table);
		acknowledge(
			delivery,
			"AwsSolutions-KDF1",
			"Its source is an encrypted Kinesis stream, with which Firehose allows no encryption of its own.",
		);
	}

	#describeRows(): CfnTable {
		const { account } = Stack.of(this);
		const database = new CfnDatabase(this, "Database", { catalogId: account, databaseInput: { name: this.#databaseName } });
		const table = new CfnTable(this, "Rows", {
			catalogId: account,
			databaseName: this.#databaseName,
			tableInput: {
				name: GLUE_TABLE,
				tableType: "EXTERNAL_TABLE",
				partitionKeys: [{ name: "day", type: "string" }],
				storageDescriptor: {
					location: `s3://${this.bucket.bucketName}/accesses/`,
					columns: ACCESS_ARCHIVE.columns.map(({ name, type }) => ({ name, type })),
					...PARQUET,
				},
			},
		});
		table.addResourceDependency(database);
		return table;
	}

	#grant(stream: Stream, transform: DescribedFunction): void {
		const glue = (resource: string, resourceName?: string): string =>
			Stack.of(this).formatArn({ service: "glue", resource, ...(resourceName === undefined ? {} : { resourceName }) });
		const allow = (actions: string[], resources: string[]): void => {
			this.#role.addToPolicy(new PolicyStatement({ actions, resources }));
		};
		allow(["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"], [stream.streamArn]);
		allow(["s3:AbortMultipartUpload", "s3:PutObject"], [this.bucket.arnForObjects("*")]);
		allow(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [this.bucket.bucketArn]);
		allow(
			["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"],
			[glue("catalog"), glue("database", this.#databaseName), glue("table", `${this.#databaseName}/${GLUE_TABLE}`)],
		);
		transform.grantInvoke(this.#role);
		// Firehose asks how long the function may run: https://docs.aws.amazon.com/firehose/latest/dev/console-managed-roles.html
		allow(["lambda:GetFunctionConfiguration"], [transform.lambda.functionArn]);
		acknowledgeObjectsOf(this.#role, this.bucket);
	}

	#destination(transform: DescribedFunction, logGroupName: string, logStreamName: string) {
		const logging = { enabled: true, logGroupName, logStreamName };
		return {
			bucketArn: this.bucket.bucketArn,
			roleArn: this.#role.roleArn,
			prefix: ACCESS_ARCHIVE.prefix,
			errorOutputPrefix: ACCESS_ARCHIVE.errorPrefix,
			bufferingHints: BUFFER,
			cloudWatchLoggingOptions: logging,
			processingConfiguration: {
				enabled: true,
				processors: [{ type: "Lambda", parameters: [{ parameterName: "LambdaArn", parameterValue: transform.lambda.functionArn }] }],
			},
			dataFormatConversionConfiguration: {
				enabled: true,
				inputFormatConfiguration: { deserializer: { openXJsonSerDe: {} } },
				outputFormatConfiguration: { serializer: { parquetSerDe: { compression: "SNAPPY" } } },
				schemaConfiguration: {
					databaseName: this.#databaseName,
					tableName: GLUE_TABLE,
					region: Stack.of(this).region,
					roleArn: this.#role.roleArn,
				},
			},
		};
	}
}

const ERRORS = ACCESS_ARCHIVE.errorPrefix.slice(0, ACCESS_ARCHIVE.errorPrefix.indexOf("/") + 1);

const accessBucket = (scope: Construct, settings: Settings): Bucket =>
	new PrivateBucket(scope, "Accesses", {
		settings,
		purpose: "accesses",
		lifecycle: [
			{
				transitions: [{ storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(ACCESS_ARCHIVE.infrequentAfterDays) }],
				expiration: Duration.days(ACCESS_ARCHIVE.deletedAfterDays),
				abortIncompleteMultipartUploadAfter: Duration.days(1),
			},
			{ prefix: ERRORS, expiration: Duration.days(ACCESS_ARCHIVE.errorsDeletedAfterDays) },
		],
		whyUnlogged: "Written by Firehose and read by training only; CloudTrail data events name both where an audit asks for it.",
	}).bucket;
