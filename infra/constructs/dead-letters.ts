import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { IEventSourceDlq } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledge } from "#infra/constructs/acknowledge.ts";

export interface DeadLettersProps {
	readonly queueName: string;
	/** Of the function whose records end here: it may send, nobody else. */
	readonly role: Role;
}

/** Where Lambda names the stream records that it gave up on: shard and sequence numbers, for an operator. */
export class DeadLetters extends Construct {
	readonly queue: Queue;
	/** For an event source. The library's own destination would allow more than to send. */
	readonly destination: IEventSourceDlq;

	constructor(scope: Construct, id: string, { queueName, role }: DeadLettersProps) {
		super(scope, id);
		this.queue = new Queue(this, "Queue", {
			queueName,
			encryption: QueueEncryption.SQS_MANAGED,
			enforceSSL: true,
			retentionPeriod: Duration.days(14),
			removalPolicy: RemovalPolicy.DESTROY,
		});
		this.destination = { bind: () => ({ destination: this.queue.queueArn }) };
		role.addToPolicy(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [this.queue.queueArn] }));
		acknowledge(this.queue, "AwsSolutions-SQS3", "This is the dead-letter queue.");
	}
}
