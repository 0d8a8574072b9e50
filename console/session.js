/** The partition that the address selects, or undefined. */
export const selectedPartition = () => new URLSearchParams(location.hash.slice(1)).get("partition") ?? undefined;

/** A link that selects a partition. */
export const linkTo = (partition) => `#${new URLSearchParams({ partition })}`;
