/**
 * What a policy tells of its run. Cells are served in order of time for each partition; sets are indices of the table of sets, leaders
 * and partitions indices of the trace.
 */
export interface Account {
	/** The accesses of a cell are answered by this set, with this leader. */
	serve(cell: number, set: number, leader: number): void;
	/** `copies` copies of the partition were made so as to be there at `hour`. */
	copied(partition: number, hour: number, copies: number): void;
	/** The leadership went to another standing copy at `hour`. */
	transferred(partition: number, hour: number): void;
}
