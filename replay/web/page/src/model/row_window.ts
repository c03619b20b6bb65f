// RowWindow: which rows of a list are on screen. It is an integer, the first row, and never a scroll offset: the tallest element
// that a browser makes ends long before row 10,000,000.

export interface RowWindow {
  first: number;
  count: number;  // whole rows that fit
  total: number;
}

export const last_first = ({ count, total }: RowWindow): number => Math.max(0, total - count);

export const moved_to = (window: RowWindow, first: number): RowWindow =>
  ({ ...window, first: Math.min(Math.max(0, Math.round(first)), last_first(window)) });

export const moved_by = (window: RowWindow, rows: number): RowWindow => moved_to(window, window.first + rows);

/** Shows the row: moves as little as needed, with a row of context on either side; one from far away comes to the middle. */
export const showing = (window: RowWindow, row: number): RowWindow => {
  const margin = window.count > 4 ? 1 : 0;
  if (row < 0) return moved_to(window, 0);
  const end = window.first + window.count;
  if (row < window.first - window.count || row > end + window.count) return moved_to(window, row - Math.floor(window.count / 2));
  if (row < window.first + margin) return moved_to(window, row - margin);
  if (row >= window.first + window.count - margin) return moved_to(window, row - window.count + 1 + margin);
  return moved_to(window, window.first);
};

/** Where the thumb of the scrollbar is: fractions of the track. */
export const thumb_of = (window: RowWindow, least = 0.04): { top: number; size: number } => {
  const size = Math.min(1, Math.max(least, window.count / Math.max(1, window.total)));
  const end = last_first(window);
  return { size, top: end === 0 ? 0 : (window.first / end) * (1 - size) };
};

/** The first row for a thumb whose top is at this fraction of the track. */
export const first_at = (window: RowWindow, top: number): number => {
  const { size } = thumb_of(window);
  return size >= 1 ? 0 : Math.round((Math.min(Math.max(0, top), 1 - size) / (1 - size)) * last_first(window));
};
