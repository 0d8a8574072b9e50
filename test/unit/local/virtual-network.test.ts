import { afterEach, expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import { LinkCutError, VirtualNetwork } from "#local/network/virtual-network.ts";

const [a, b, c] = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId) as [
	ReturnType<typeof regionId>,
	ReturnType<typeof regionId>,
	ReturnType<typeof regionId>,
];
const clock = new VirtualClock({ startMs: 0, speed: Number.POSITIVE_INFINITY });
const network = new VirtualNetwork(clock, () => 100);
afterEach(() => network.heal());

test("relayed work may itself be relayed and may sleep; every leg is charged to the chain", async () => {
	const activity = clock.begin("request");
	const startMs = clock.nowMs();
	await network.relay(activity, a, b, async () => {
		await activity.sleep(7);
		await network.relay(activity, b, c, () => network.exchange(activity, c, a, async () => {}));
	});
	activity.end();
	expect(clock.nowMs() - startMs).toBe(307);
	expect(network.chargedMs(activity)).toBe(300);
});

test("a link cut while the work goes on loses the answer, and only half the distance was travelled", async () => {
	const activity = clock.begin("request");
	const lost = network.relay(activity, a, b, async () => network.cut(b, a, 1000));
	await expect(lost).rejects.toBeInstanceOf(LinkCutError);
	expect(network.chargedMs(activity)).toBe(50);
	activity.end();
});
