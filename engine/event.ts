/**
 * Owns the kinds of event and their order. Never carries data: prices are read from the feed.
 *
 * The total order of events is (timeMs, kind, instrument index, sequence). At equal times every bar comes before every open: what is decided
 * on a close fills at the next open, in true time order across instruments and timeframes, and nothing fills before it was made.
 */

/** Bars that close at one time: matching inside the bar, marking, one equity row, the strategy. */
export const barEvent = 0;
/** Bars that open at one time: only the open price is known; market orders fill and passed stops and limits fill. */
export const openEvent = 1;
/** No event is left. */
export const endEvent = 2;
/** Behind the strategy's call at a close, where market orders fill at the close that decided; never made by the feed. */
export const afterCloseEvent = 3;
export type EventKind = typeof barEvent | typeof openEvent | typeof endEvent | typeof afterCloseEvent;
