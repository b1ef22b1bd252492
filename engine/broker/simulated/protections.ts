/** Owns which stop and target protect which entry. Never fills them. */
import { Grid } from '../../model/grid.ts';
import type { Order } from '../../model/order.ts';

/** A filled entry's stop and target: one cancels the other, both follow the quantity that is left. Without either it only counts in its turn. */
export class Protection {
  readonly entryId: number;
  readonly stop: Order | null;
  readonly target: Order | null;
  sizeBase: number;
  constructor(entryId: number, sizeBase: number, stop: Order | null, target: Order | null) {
    this.entryId = entryId;
    this.sizeBase = sizeBase;
    this.stop = stop;
    this.target = target;
  }
}

/** Protections by instrument, oldest first. */
export class Protections {
  private readonly byInstrument: Protection[][];
  private readonly grids: readonly Grid[];

  constructor(lotSizes: readonly number[]) {
    this.byInstrument = lotSizes.map(() => []);
    this.grids = lotSizes.map((lotSize) => new Grid(lotSize));
  }

  has(instrumentIndex: number): boolean {
    return this.byInstrument[instrumentIndex].length > 0;
  }

  add(instrumentIndex: number, protection: Protection): void {
    this.byInstrument[instrumentIndex].push(protection);
  }

  /** Takes the protection of this entry out; null where it has none. */
  take(instrumentIndex: number, entryId: number): Protection | null {
    const all = this.byInstrument[instrumentIndex];
    const at = all.findIndex((one) => one.entryId === entryId);
    return at < 0 ? null : all.splice(at, 1)[0];
  }

  /** Lowers protected quantities, oldest first, by what another exit has closed; returns those that protect nothing any more. */
  reduce(instrumentIndex: number, sizeBase: number): Protection[] {
    const all = this.byInstrument[instrumentIndex];
    const ended: Protection[] = [];
    let remaining = sizeBase;
    while (remaining > 0 && all.length > 0) {
      const first = all[0];
      const size = Math.min(remaining, first.sizeBase);
      remaining = this.lots(instrumentIndex, remaining - size);
      first.sizeBase = this.lots(instrumentIndex, first.sizeBase - size);
      if (first.sizeBase > 0) resize(first);
      else ended.push(all.shift() as Protection);
    }
    return ended;
  }

  /** A difference of sizes in whole lots: those of doubles never come out exactly. */
  lots(instrumentIndex: number, sizeBase: number): number {
    return this.grids[instrumentIndex].round(sizeBase);
  }
}

function resize(protection: Protection): void {
  if (protection.stop !== null) protection.stop.sizeBase = protection.sizeBase;
  if (protection.target !== null) protection.target.sizeBase = protection.sizeBase;
}
