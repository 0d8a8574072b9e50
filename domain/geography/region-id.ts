import type { Brand } from "#domain/shared/brand.ts";

/** An AWS region code such as `eu-west-1`. */
export type RegionId = Brand<string, "RegionId">;

const REGION_CODE = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** Whether `value` is shaped as an AWS region code; says nothing about whether the region exists. */
export const isRegionId = (value: string): value is RegionId => REGION_CODE.test(value);

/** @throws TypeError when `value` is not shaped as an AWS region code. */
export function regionId(value: string): RegionId {
	if (!isRegionId(value)) throw new TypeError(`not an AWS region code: ${JSON.stringify(value)}, expected for example eu-west-1`);
	return value;
}
