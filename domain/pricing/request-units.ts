/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html */
const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

/** Every action of a transaction counts twice. */
export const TRANSACTION = 2;

/** Write units of one plain write of an item of so many bytes, keys included. */
export const writeUnits = (itemBytes: number): number => Math.max(1, Math.ceil(itemBytes / WRITE_UNIT_BYTES));

/** Read units of one strongly consistent read of such an item. */
export const readUnits = (itemBytes: number): number => Math.max(1, Math.ceil(itemBytes / READ_UNIT_BYTES));

/** Write units at a follower of one carried write: a transaction of the fence's check and the item's put (protocol, "carry"). */
export const replicatedWriteUnits = (itemBytes: number): number => TRANSACTION * (1 + writeUnits(itemBytes));

/** Write units of many items together: each is rounded up by itself, of which this is the lower bound plus one an item. */
export const bulkWriteUnits = (items: number, bytes: number): number => items + Math.floor(bytes / WRITE_UNIT_BYTES);

/** Read units of reading so many bytes in pages, strongly consistent: what pages add up to is rounded, not the items. */
export const pagedReadUnits = (bytes: number): number => Math.ceil(bytes / READ_UNIT_BYTES);
