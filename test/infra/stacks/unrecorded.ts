const on = (actions: string, table: string, places: string): readonly string[] =>
	places.split(" ").flatMap((where) => actions.split(" ").map((action) => `dynamodb:${action} on dynamodb:table/${table} in ${where}`));

interface Unrecorded {
	readonly lines: readonly string[];
	/** Why the function may do it all the same, and what shows that it does. */
	readonly reason: string;
	/** Recorded runs may meet it or not: faults decide. */
	readonly seldom?: boolean;
}

/** A stage must end what a crash, another executor or a writer has left: the ways that this takes are many, and every record has some of them. */
const FAULTS: Unrecorded = {
	lines: [
		...on("GetItem Query PutItem UpdateItem DeleteItem ConditionCheckItem", "data", "control other"),
		...on("GetItem PutItem", "metadata", "control"),
		...on("GetItem Query BatchWriteItem", "state", "control"),
		...on("GetItem PutItem", "migrations", "control"),
	],
	reason: "After a crash, under writers, beside another executor: simulation/migration/crashes.test.ts, simulation/protocol.",
	seldom: true,
};

/** What roles allow that no recorded run needed. */
export const UNRECORDED: Readonly<Record<string, readonly Unrecorded[]>> = {
	"serve-data": [
		{
			lines: on("ConditionCheckItem", "data", "own"),
			reason:
				"Writes with an Idempotency-Key check the fence and the item beside the receipt: regional-store/write-once.ts, contract/regional-store.",
		},
		{
			lines: on("UpdateItem", "state", "control"),
			reason: "Counts canary reads that diverge, which no recorded run has: partition-states.ts, e2e/admin/canary.test.ts plants none.",
		},
	],
	"route-request": [
		{
			lines: on("Query", "metadata", "any"),
			reason: "On AWS origins come from the directory in the metadata; the local edge has them baked in: data-plane-directory.ts.",
		},
	],
	"register-data-plane": [
		{
			lines: on("PutItem DeleteItem", "metadata", "control"),
			reason: "A custom resource of CloudFormation, which the local cloud has not: register-data-plane.ts, integration/metadata.",
		},
	],
	"carry-stream": [
		{
			lines: on("GetItem", "data", "control other"),
			reason: "A region whose leadership has gone reads at the leader that is: carry-keys.ts, simulation/protocol.",
		},
	],
	"sweep-parked": [
		{
			lines: on("GetItem PutItem ConditionCheckItem", "data", "control other").concat(
				on("GetItem PutItem ConditionCheckItem", "data", "own"),
			),
			reason: "Carries what a region that was away is owed, as the carrier does; clouds are not watched for days: simulation/parking.",
		},
	],
	"plan-migration": [FAULTS],
	"create-replica": [FAULTS],
	quiesce: [FAULTS],
	synchronize: [FAULTS],
	verify: [FAULTS],
	"shift-traffic": [FAULTS],
	"cut-over": [FAULTS],
	"update-metadata": [FAULTS],
	soak: [FAULTS],
	"remove-source": [FAULTS],
	settle: [FAULTS],
	"cancel-migration": [FAULTS],
	"roll-back": [FAULTS],
	"reconcile-migrations": [
		{
			lines: on("PutItem UpdateItem DeleteItem ConditionCheckItem", "data", "control other"),
			reason: "Removes orphans after proof, and takes back the copies of a lost region: integration/orphans, integration/promotion.",
		},
		{
			lines: on("PutItem", "metadata", "control"),
			reason: "Takes a returned region back into the replica set: return-copies.ts, integration/promotion.",
		},
		{
			lines: on("UpdateItem DeleteItem", "decisions", "control"),
			reason: "Notes and forgets open promotions: open-promotions.ts, contract/open-promotions.",
		},
	],
	"decide-placement": [
		{
			lines: on("Scan", "metadata", "control").concat(on("GetItem", "state", "control")),
			reason:
				"Where settings limit a region's copies or the bytes of a run, which the local cloud's do not: predict-placement/read-limits.ts.",
		},
	],
	"start-migrations": [
		{
			lines: [...on("GetItem", "migrations", "control"), "states:DescribeExecution on states:execution:migrate:* in control"],
			reason: "Tells a move that was started before from a name that is taken, when a run is repeated: migration-starter.ts.",
		},
	],
	"plan-training": [
		{ lines: ["s3:ListBucket on s3:features in any"], reason: "Without it S3 refuses an object that is not there instead of saying so." },
	],
	"judge-candidate": [
		{ lines: ["s3:ListBucket on s3:features in any"], reason: "Without it S3 refuses an object that is not there instead of saying so." },
	],
	"check-promotion": [
		{
			lines: on("GetItem", "predictions", "control"),
			reason: "Where an endpoint could not serve the winner, it records which model stays: train-model/promote.ts.",
		},
	],
	administer: [
		{
			lines: on("PutItem UpdateItem", "data", "control other").concat(on("UpdateItem DeleteItem", "decisions", "control")),
			reason:
				"Promotes a follower where a region was lost, and takes the region back: promote.ts, return-copies.ts, integration/promotion.",
		},
		{ lines: on("DeleteItem ConditionCheckItem", "data", "control other"), reason: "Removes an orphan after proof: integration/orphans." },
		{
			lines: on("GetItem Query BatchWriteItem DeleteItem", "predictions", "control"),
			reason: "Declared events and retrainings: event-store.ts and model-registry.ts, integration/prediction and integration/training.",
		},
		{
			lines: on("Query", "migrations", "control"),
			reason: "Tells where copies were: migration-store.ts, integration/migration.",
			seldom: true,
		},
		{ lines: on("Scan", "migrations", "control"), reason: "Lists migrations of every state: migration-store.ts, integration/metadata." },
	],
};
