import { describe } from "vitest";
import { testControlPlane } from "#test/infra/stacks/control-plane.ts";
import { testFunctions } from "#test/infra/stacks/functions.ts";
import { testLeastPrivilege } from "#test/infra/stacks/least-privilege.ts";
import { testRecordedCalls } from "#test/infra/stacks/recorded-calls.ts";
import { testSnapshots } from "#test/infra/stacks/snapshots.ts";
import { synthesize } from "#test/infra/stacks/synthesized.ts";
import { testTables } from "#test/infra/stacks/tables.ts";

// One synthesis serves all suites: it takes seconds.
const templates = synthesize();

describe("tables", () => testTables(templates));
describe("functions", () => testFunctions(templates));
describe("control plane", () => testControlPlane(templates));
describe("least privilege", () => testLeastPrivilege(templates));
describe("recorded calls", () => testRecordedCalls(templates));
describe("snapshots", () => testSnapshots(templates));
