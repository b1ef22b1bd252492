/**
 * Owns the sequence in which the naive broker fills: opens, stages inside bars, finer bars in their place.
 * Written from engine/broker/RULES.md alone. Never touches money: engine/testing/naive-ledger.ts books.
 */
import { type EntryInside, isAmbiguousAtStart, isAmong, isInDoubt, markAmbiguous, restingIn, restOfBar } from './naive-doubts.ts';
import {
  type BarPlace,
  barOf,
  comeToRest,
  isBetter,
  isOutdone,
  isReached,
  type Judgement,
  judgeInside,
  judgeOpen,
  limitExtremeOfTrail,
  nameOf,
  passed,
  rested,
  sequenceAt,
  stageOf,
  stagesInOrder,
  taken,
  worse,
} from './naive-judging.ts';
import { fill } from './naive-ledger.ts';
import { end, isLimitNow, isMarketNow, type NaiveOrder, type NaiveRun } from './naive-orders.ts';
import { ageTarget, followPosition } from './naive-protections.ts';
import { raiseTrail } from './naive-trails.ts';
import { fillOnClose, isTakingInside, placeOf, walk } from './naive-walk.ts';

/** All opens of one time: by sequence across instruments (DESIGN §3.1). */
export function matchOpens(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  followPosition(run);
  const orders = run.state.orders.filter((order) => order.liveMs <= timeMs).sort((a, b) => a.sequence - b.sequence);
  for (const order of orders) {
    const place = batch.find(({ instrument }) => instrument === order.instrument);
    if (place === undefined || order.status !== 'open' || order.isHeld || !isAmong(run, order) || isOutdone(run, order)) continue;
    // 5.6: the opens of finer bars are no opens of the tape, and fill no market orders (what takes part in one open is not among those here).
    if (run.state.among !== null && isMarketNow(order)) continue;
    order.eventsSeen++;
    const judged = judgeOpen(run, order, barOf(run, place));
    if (judged !== null && order.wish.postOnly === true && order.eventsSeen === 1) {
      end(run, order, 'rejected', 'would take', timeMs);
      continue;
    }
    if (judged !== null) fill(run, order, { ...judged, timeMs, place, isAtOpen: true });
    // Reading (3.3): an on-open order's one open is the first at which it may fill by its day.
    if (order.kind !== 'onOpen' || judged !== null) endAtOnce(run, order, timeMs);
  }
}

/** 2.8: market orders sent at this close, of instruments whose bar closes then. Reading (3.3): this close is the one open that IOC and FOK take part in. */
export function matchAfterClose(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  followPosition(run);
  const sent = run.state.orders.filter((order) => isMarketNow(order) && order.atOnceMs === timeMs);
  for (const order of sent.sort((a, b) => a.sequence - b.sequence)) {
    const place = batch.find(({ instrument }) => instrument === order.instrument);
    if (place === undefined || order.status !== 'open') continue;
    order.eventsSeen++;
    fill(run, order, { ...taken(barOf(run, place).close), timeMs, place, isAtOpen: false });
    endAtOnce(run, order, timeMs);
  }
}

/** 3.3 */
function endAtOnce(run: NaiveRun, order: NaiveOrder, timeMs: number): void {
  const life = order.wish.timeInForce;
  if (life === 'IOC') end(run, order, 'cancelled', 'immediate or cancel', timeMs);
  if (life === 'FOK') end(run, order, 'cancelled', 'fill or kill', timeMs);
}

/** All bars that close at one time. 5.5, 5.6, 5.7: where the policy decides by bars in doubt, they are judged before their fills begin. */
export function matchBars(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  begin(run, batch);
  const { policy } = run.program;
  const inDoubt = isCounting(run) ? [] : batch.filter((place) => isInDoubt(run, place, timeMs));
  if (policy === 'path') {
    run.state.decided.push(...inDoubt.map(nameOf));
    const walked = restingIn(run, batch);
    walk(run, batch, timeMs);
    for (const order of walked) order.eventsSeen++;
    return;
  }
  if (policy === 'branching')
    for (const place of inDoubt) {
      if (run.program.branches[run.state.choiceCount++] === 'optimistic') run.state.chosen.push(nameOf(place));
      markAmbiguous(run, place);
    }
  const replaced = policy === 'refine' ? inDoubt.filter((place) => refine(run, place)) : [];
  matchStages(
    run,
    batch.filter((place) => !replaced.includes(place)),
    timeMs,
  );
}

function begin(run: NaiveRun, batch: readonly BarPlace[]): void {
  followPosition(run);
  for (const order of restingIn(run, batch)) if (isLimitNow(order)) comeToRest(run, order);
}

/** 5.1: each bar in its own sequence. */
function matchStages(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  if (isCounting(run)) for (const place of batch) if (isAmbiguousAtStart(run, place)) markAmbiguous(run, place);
  const resting = restingIn(run, batch).map((order) => {
    const place = placeOf(order, batch);
    return { order, place, turn: stagesInOrder[sequenceAt(run, place)].indexOf(stageOf(run, order)) };
  });
  for (const turn of [0, 1, 2])
    for (const entry of resting) if (entry.turn === turn && entry.order.kind !== 'onClose') judgeAndFill(run, entry.order, batch, timeMs);
  for (const { order } of resting) if (order.kind === 'onClose') fillOnClose(run, order, batch, timeMs);
  for (const { order } of resting) order.eventsSeen++;
  for (const { order, place } of resting)
    if (order.kind === 'trailingStop' && order.status === 'open') raiseTrail(run, order, limitExtremeOfTrail(order, barOf(run, place)));
}

/** The other policies judge beforehand what is in doubt as a bar begins. */
function isCounting({ program: { policy } }: NaiveRun): boolean {
  return policy === 'pessimistic' || policy === 'optimistic';
}

/** 5.6: true where finer bars have replaced it. */
function refine(run: NaiveRun, place: BarPlace): boolean {
  const { instrument, bar } = place;
  const whole = barOf(run, place);
  const lying = (run.program.instruments[instrument].finer ?? []).flatMap((one, finer) =>
    one.openTimeMs >= whole.openTimeMs && one.closeTimeMs <= whole.closeTimeMs ? [{ instrument, bar, finer }] : [],
  );
  if (!fits(run, place, lying)) {
    markAmbiguous(run, place);
    run.state.notRefined.push(nameOf(place));
    return false;
  }
  run.state.among = restingIn(run, [place]).map(({ name }) => name);
  let isStillInDoubt = false;
  for (const finer of lying) {
    const { openTimeMs, closeTimeMs } = barOf(run, finer);
    const playing = (play: () => void): void => {
      const known = run.state.orders.length;
      play();
      // What waited for a fill is sent as of the close (4.5).
      const made = run.state.orders.slice(known).filter(({ follows }) => follows === 'entry');
      run.state.among?.push(...made.map(({ name }) => name));
    };
    if (finer !== lying[0]) {
      for (const order of run.state.orders) if (order.status === 'open' && isAmong(run, order)) ageTarget(run, order, openTimeMs);
      playing(() => matchOpens(run, [finer], openTimeMs));
    }
    begin(run, [finer]);
    if (isInDoubt(run, finer, closeTimeMs)) isStillInDoubt = true;
    playing(() => matchStages(run, [finer], closeTimeMs));
  }
  run.state.among = null;
  if (isStillInDoubt) markAmbiguous(run, place);
  if (!run.state.ambiguous.includes(nameOf(place))) run.state.decided.push(nameOf(place));
  return true;
}

/** 5.6: without a gap, and of the same open, high, low and close. */
function fits(run: NaiveRun, place: BarPlace, lying: readonly BarPlace[]): boolean {
  const whole = barOf(run, place);
  const finer = lying.map((one) => barOf(run, one));
  if (finer.length === 0) return false;
  const ends = [whole.openTimeMs, ...finer.map(({ closeTimeMs }) => closeTimeMs)];
  const isWhole = finer.every(({ openTimeMs }, i) => openTimeMs === ends[i]) && ends.at(-1) === whole.closeTimeMs;
  const isOpen = finer[0].open === whole.open && finer.at(-1)?.close === whole.close;
  const isRange = Math.max(...finer.map(({ high }) => high)) === whole.high && Math.min(...finer.map(({ low }) => low)) === whole.low;
  return isWhole && isOpen && isRange;
}

function judgeAndFill(run: NaiveRun, order: NaiveOrder, batch: readonly BarPlace[], timeMs: number): void {
  if (order.status !== 'open') return;
  const place = placeOf(order, batch);
  const bar = barOf(run, place);
  if (isOutdone(run, order)) return;
  if (isTakingInside(run, order, bar)) {
    end(run, order, 'rejected', 'would take', timeMs);
    return;
  }
  const wasLimit = isLimitNow(order) || order.kind === 'marketIfTouched';
  const judged = judgeInside(run, order, bar, place, bar.open);
  if (judged === null) return;
  const known = run.state.orders.length;
  const isFilled = fill(run, order, { ...judged, timeMs, place, isAtOpen: false });
  if (isFilled) judgeChildren(run, { entry: order, wasLimit, price: judged.market, place, timeMs }, known);
}

/** 5.2: at once after the entry, before later ones. */
function judgeChildren(run: NaiveRun, inside: EntryInside, known: number): void {
  const { price, place, timeMs } = inside;
  const bar = barOf(run, place);
  const { stop, trail, target, level, ...rest } = restOfBar(run, inside, known);
  if (rest.isDoubtful) markAmbiguous(run, place);

  const give = (order: NaiveOrder, judged: Judgement): boolean => fill(run, order, { ...judged, timeMs, place, isAtOpen: false });
  const isPessimistic = sequenceAt(run, place) === 'pessimistic';
  if (!isPessimistic && target !== undefined && rest.isTargetReached)
    give(target, isBetter(target, target.limitPrice, price) ? passed(target, price) : rested(target));
  if (stop?.status === 'open' && (isPessimistic ? rest.isStopReached : rest.isStopCertain)) give(stop, taken(worse(stop, level, price)));
  // 6.4: only under optimistic does this bar's extreme raise the level of a trail made inside it.
  if (isPessimistic || trail === undefined || trail.status !== 'open') return;
  raiseTrail(run, trail, limitExtremeOfTrail(trail, bar));
  if (isReached(trail, trail.level, bar.close)) give(trail, taken(trail.level));
}
