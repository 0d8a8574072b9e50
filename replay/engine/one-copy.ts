import { FullAccount } from "#replay/engine/accounting/full-account.ts";
import { playReactive } from "#replay/engine/policies/reactive.ts";
import { DEFAULT_REACTIVE_RULE } from "#replay/engine/policies/reactive-grid.ts";
import { bestForEach, playStatic } from "#replay/engine/policies/static.ts";
import { type Bootstrap, intervalOf } from "#replay/engine/scoring/bootstrap.ts";
import { monthlyMoney } from "#replay/engine/scoring/monthly-usd.ts";
import { sum } from "#replay/engine/scoring/served.ts";
import { createWorld, type ReplayWorld } from "#replay/engine/world.ts";
import { type OneCopyResult, PolicyName } from "#replay/result/replay-result.ts";

/** What one copy a partition would have given, by the better of two rules that need no forecast; undefined where one copy was asked for anyway. */
export function compareWithOneCopy(
	world: ReplayWorld,
	bootstrap: Bootstrap,
	means: ReadonlyMap<PolicyName, Float64Array>,
): OneCopyResult | undefined {
	if (world.settings.copies === 1) return undefined;
	const single = createWorld(world.trace, { ...world.settings, copies: 1 }, world.table.rttMs);
	const [fixed, reactive] = [new FullAccount(single), new FullAccount(single)];
	playStatic(single, bestForEach(single), fixed);
	playReactive(single, DEFAULT_REACTIVE_RULE, reactive);
	const [policy, account] =
		sum(costsOf(reactive)) < sum(costsOf(fixed)) ? [PolicyName.Reactive, reactive] : [PolicyName.StaticPartition, fixed];
	const volume = sum(account.accesses);
	const own = bootstrap.means(costsOf(account));
	return {
		policy,
		meanRttMs: sum(account.rttMs) / volume,
		costMs: sum(costsOf(account)) / volume,
		usdPerMonth: monthlyMoney(single, account).usdPerMonth,
		savedBy: Object.fromEntries([...means].map(([name, theirs]) => [name, intervalOf(own.map((ms, index) => ms - (theirs[index] ?? 0)))])),
	};
}

/** ms of round-trip time and charges by partition. */
export const costsOf = ({ rttMs, chargedMs }: FullAccount): Float64Array => rttMs.map((ms, partition) => ms + (chargedMs[partition] ?? 0));
