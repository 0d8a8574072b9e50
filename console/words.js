/** Stage -> what it does; in the order of a migration that succeeds. */
export const STAGES = {
	Plan: "claims the partition and fixes what will be done",
	CreateReplica: "prepares the copies; the leader begins a journal of what is written",
	Quiesce: "waits until no writer is left that does not know of the journal",
	Synchronize: "copies all items, then what has been written meanwhile",
	Verify: "compares the copies with the leader, item by item",
	ShiftTraffic: "sends a growing share of the clients to the target first and judges how it goes",
	Cutover: "decides the new leader in one transaction; up to here a move can be cancelled",
	UpdateMetadata: "tells routing and every copy who leads now",
	Soak: "keeps the old leader complete, so that the move can be rolled back",
	RemoveSource: "deletes the copies that are no longer wanted, after proof; from here there is no way back",
	Settle: "ends the journal and lets go of the partition",
};

/** The stages that take a migration back. */
export const RETURNS = {
	Cancel: "takes a move back before leadership has changed",
	RollBack: "makes the old leader lead again while the move soaks",
};

/** State of a migration -> in words. */
export const STATES = {
	running: "under way",
	completed: "completed",
	cancelled: "cancelled",
	rolledBack: "rolled back",
	failed: "failed",
};

/** Phase of a partition -> in words. */
export const PHASES = {
	active: "active",
	migrating: "migrating",
	soaking: "soaking",
	settling: "settling",
	rollingBack: "rolling back",
	cancelling: "cancelling",
	promoting: "promoting",
};

/** Reason of a decision -> why, in words, for `{source, target, saves}`. */
const REASONS = {
	saving: ({ source, target, saves }) => `${target} is expected to save ${saves} an access against ${source}: worth the move.`,
	copies: ({ chosen = [] }) => `Copies in ${chosen.join(", ")} are expected to save more than they cost.`,
	follow: ({ source, target }) => `The coming hours are nearer to ${target} than to ${source}, and a copy stands there already.`,
	excursion: ({ source, target }) => `The coming hours are nearer to ${target} than to ${source}: they pay for a move there and back.`,
	residency: ({ source }) => `The residency rule does not allow a copy in ${source}.`,
	pin: ({ target }) => `It is pinned to ${target}.`,
	"already-best": ({ source }) => `${source} is the best region already.`,
	"small-saving": ({ target, saves }) => `${target} would save ${saves} an access: too little.`,
	"not-worth-moving": ({ target, saves }) =>
		`${target} would save ${saves} an access, but too few accesses are expected to pay for the move.`,
	uncertain: ({ target, saves }) => `${target} would save ${saves} an access, but the forecast is not certain enough.`,
	"cool-down": () => "Its leader is new: it rests before it may move again.",
	pinned: ({ source }) => `It is pinned to ${source}.`,
	frozen: () => "Moves are frozen, for it, its region or everything.",
	migrating: () => "A migration of it is under way.",
	"no-allowed-region": () => "Residency, pin and frozen regions leave no region to choose.",
	budget: () => "It was worth moving, but other partitions were worth more in this run.",
	capacity: ({ target }) => `${target} has no room left for it: other partitions gain more there.`,
	holdout: () => "It belongs to the holdout group, which others are measured against.",
	"no-forecast": () => "There was no forecast.",
	"no-record": () => "There was no such partition.",
};

const BOUNDS = {
	residency: "the residency rule",
	pin: "the pin",
	"region-frozen": "the freeze of the region",
	capacity: "the room of regions",
};

/** Why a partition moved or stayed, in plain words. */
export function explain(decision) {
	const { reason, source = "its region", target = "another region", savingMs, bound, chosen } = decision;
	const why = REASONS[reason]?.({ source, target, chosen, saves: savingMs === undefined ? "time" : formatMs(savingMs) }) ?? `${reason}.`;
	if (bound === undefined) return why;
	return `${why} Without ${BOUNDS[bound.by] ?? bound.by}, ${bound.region} would have been chosen.`;
}

/** `Move to eu-west-1`, `Stay in us-east-1`. */
export function verdictOf({ verdict, source, target, chosen }) {
	if (verdict === "move" && chosen !== undefined && source === target) return `Copies in ${chosen.join(", ")}`;
	if (verdict === "move") return target === undefined ? "Move" : `Move to ${target}`;
	return source === undefined ? "Stay" : `Stay in ${source}`;
}

export const wordFor = (words, key) => words[key] ?? key;

export const formatCount = (n) => Math.round(n).toLocaleString("en-US");

/** `3.4`, `120`: an expected count is no whole number. */
export const formatExpected = (n) => (n < 10 ? n.toFixed(1) : formatCount(n));

export const formatMs = (ms) => `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;

/** `62.1 %` of 0..1. */
export const formatShare = (share) => `${(share * 100).toFixed(1)} %`;

/** `2025-02-17 06:12` of ISO 8601 or ms; times of the cloud are UTC. */
export const formatTime = (time) => new Date(time).toISOString().slice(0, 16).replace("T", " ");

/** `6 hours`, `7 days`. */
export const formatHours = (hours) => (hours >= 48 && hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`);
