import { describe } from "vitest";
import { testBuckets } from "#test/infra/stacks/buckets.ts";
import { testControlPlane } from "#test/infra/stacks/control-plane.ts";
import { testFunctions } from "#test/infra/stacks/functions.ts";
import { testLeastPrivilege } from "#test/infra/stacks/least-privilege.ts";
import { testObservability } from "#test/infra/stacks/observability.ts";
import { testOutputs } from "#test/infra/stacks/outputs.ts";
import { testRecordedCalls } from "#test/infra/stacks/recorded-calls.ts";
import { testSnapshots } from "#test/infra/stacks/snapshots.ts";
import { synthesize } from "#test/infra/stacks/synthesized.ts";
import { testTables } from "#test/infra/stacks/tables.ts";

// One synthesis serves all suites: it takes seconds.
const templates = synthesize();

describe("tables", () => testTables(templates));
describe("functions", () => testFunctions(templates));
describe("control plane", () => testControlPlane(templates));
describe("buckets", () => testBuckets(templates));
describe("observability", () => testObservability(templates));
describe("outputs", () => testOutputs(templates));
describe("least privilege", () => testLeastPrivilege(templates));
describe("recorded calls", () => testRecordedCalls(templates));
describe("snapshots", () => testSnapshots(templates));
