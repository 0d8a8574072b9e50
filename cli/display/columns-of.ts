const USUAL_COLUMNS = 80;

/** How wide a terminal is, in columns; one that does not say, or says 0 as one without a window does, is taken for a usual one. */
export const columnsOf = ({ columns }: { readonly columns?: number }): number =>
	columns === undefined || columns === 0 ? USUAL_COLUMNS : columns;
