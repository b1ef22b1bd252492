/** Owns the small picture of columns in a terminal, two by four braille dots a character. Never colours: it says which character belongs to which line. */

export interface Picture {
  /** Rows of characters, top first. */
  readonly rows: readonly (readonly PictureCell[])[];
  readonly lowest: number;
  readonly highest: number;
}

export interface PictureCell {
  readonly character: string;
  /** 'front' where the first column passes, 'back' where only the second does. */
  readonly layer: 'front' | 'back' | 'none';
}

/** Bits of the eight dots of a braille character, by column and row. */
const dotBits = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** front as a full line over back as dots at every other step, on one scale. Columns of equal length; NaN is passed over. */
export function braillePicture(
  columns: { front: ArrayLike<number>; back: ArrayLike<number> },
  size: { width: number; height: number },
): Picture {
  const scale = scaleOf([columns.front, columns.back]);
  const front = new Uint8Array(size.width * size.height);
  const back = new Uint8Array(size.width * size.height);
  draw(columns.back, scale, size, back, 2);
  draw(columns.front, scale, size, front, 1);
  const rows: PictureCell[][] = [];
  for (let y = 0; y < size.height; y++) {
    const row: PictureCell[] = [];
    for (let x = 0; x < size.width; x++) {
      const i = y * size.width + x;
      const bits = front[i] || back[i];
      row.push({ character: bits === 0 ? ' ' : String.fromCharCode(0x2800 + bits), layer: front[i] ? 'front' : back[i] ? 'back' : 'none' });
    }
    rows.push(row);
  }
  return { rows, ...scale };
}

function scaleOf(columns: readonly ArrayLike<number>[]): { lowest: number; highest: number } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const column of columns)
    for (let row = 0; row < column.length; row++) {
      if (!Number.isFinite(column[row])) continue;
      if (column[row] < lowest) lowest = column[row];
      if (column[row] > highest) highest = column[row];
    }
  return { lowest, highest };
}

/** Sets the dots of one column: in each step from its lowest to its highest value and on to where the step before ended. */
function draw(
  column: ArrayLike<number>,
  scale: { lowest: number; highest: number },
  size: { width: number; height: number },
  cells: Uint8Array,
  every: number,
): void {
  if (column.length === 0 || scale.lowest > scale.highest) return;
  const dotColumns = size.width * 2;
  const dotRows = size.height * 4;
  const span = scale.highest - scale.lowest;
  const dotRow = (value: number) => (span > 0 ? Math.round(((scale.highest - value) / span) * (dotRows - 1)) : Math.floor(dotRows / 2));
  let before = -1;
  for (let x = 0; x < dotColumns; x++) {
    const from = Math.floor((x * column.length) / dotColumns);
    const to = Math.max(from + 1, Math.floor(((x + 1) * column.length) / dotColumns));
    let top = dotRows;
    let bottom = -1;
    for (let row = from; row < to; row++) {
      if (!Number.isFinite(column[row])) continue;
      top = Math.min(top, dotRow(column[row]));
      bottom = Math.max(bottom, dotRow(column[row]));
    }
    if (bottom < 0) continue;
    const end = Number.isFinite(column[to - 1]) ? dotRow(column[to - 1]) : bottom;
    if (before >= 0) {
      top = Math.min(top, before);
      bottom = Math.max(bottom, before);
    }
    before = end;
    if (x % every !== 0) continue;
    for (let y = top; y <= bottom; y++) cells[Math.floor(y / 4) * size.width + Math.floor(x / 2)] |= dotBits[x % 2][y % 4];
  }
}
