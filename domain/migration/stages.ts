/** The stages of a migration; also the state names of the state machine and the values of a record's `stage`. */
export const Stage = {
	Plan: "Plan",
	CreateReplica: "CreateReplica",
	Quiesce: "Quiesce",
	Synchronize: "Synchronize",
	Verify: "Verify",
	ShiftTraffic: "ShiftTraffic",
	Cutover: "Cutover",
	UpdateMetadata: "UpdateMetadata",
	Soak: "Soak",
	RemoveSource: "RemoveSource",
	Settle: "Settle",
	Cancel: "Cancel",
	RollBack: "RollBack",
} as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

/** What a failure of a stage leads to: `cancel` before the decision, `forward` (the same stage again until done) after it. */
export type OnFailure = "fail" | "cancel" | "forward";

interface Transition {
	/** The stages that may follow, the usual one first; empty where the migration ends. */
	readonly next: readonly Stage[];
	readonly onFailure: OnFailure;
}

/** Stage -> what follows. The state machine's definition is held against this table by a test. */
export const TRANSITIONS: Readonly<Record<Stage, Transition>> = {
	Plan: { next: ["CreateReplica", "Cutover"], onFailure: "cancel" },
	CreateReplica: { next: ["Quiesce"], onFailure: "cancel" },
	Quiesce: { next: ["Synchronize", "Quiesce"], onFailure: "cancel" },
	Synchronize: { next: ["Verify", "Synchronize"], onFailure: "cancel" },
	Verify: { next: ["ShiftTraffic", "Verify"], onFailure: "cancel" },
	ShiftTraffic: { next: ["Cutover", "ShiftTraffic"], onFailure: "cancel" },
	Cutover: { next: ["UpdateMetadata"], onFailure: "cancel" },
	UpdateMetadata: { next: ["Soak"], onFailure: "forward" },
	Soak: { next: ["RemoveSource", "Soak", "RollBack"], onFailure: "forward" },
	RemoveSource: { next: ["Settle", "RemoveSource"], onFailure: "forward" },
	Settle: { next: [], onFailure: "forward" },
	// Cancel finds the decision taken already where an execution died between taking it and saying so: then only forward.
	Cancel: { next: ["Cutover", "Cancel"], onFailure: "forward" },
	RollBack: { next: ["RollBack"], onFailure: "forward" },
};
