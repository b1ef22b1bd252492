import { expect, test } from 'vitest';
import { braillePicture } from './sparkline.ts';

const text = (picture: ReturnType<typeof braillePicture>) => picture.rows.map((row) => row.map((cell) => cell.character).join(''));

test('draws a rising line from the lowest to the highest row', () => {
  const picture = braillePicture({ front: [0, 1, 2, 3, 4, 5, 6, 7], back: [] }, { width: 4, height: 2 });
  expect(text(picture)).toEqual(['  ⣠⠞', '⣠⠞⠁ ']);
  expect([picture.lowest, picture.highest]).toEqual([0, 7]);
});

test('draws a level line, one value and none at all', () => {
  expect(text(braillePicture({ front: [5, 5, 5, 5], back: [] }, { width: 2, height: 1 }))).toEqual(['⠤⠤']);
  expect(text(braillePicture({ front: [5], back: [5] }, { width: 2, height: 1 }))).toEqual(['⠤⠤']);
  expect(text(braillePicture({ front: [], back: [] }, { width: 2, height: 1 }))).toEqual(['  ']);
  expect(text(braillePicture({ front: [Number.NaN, Number.NaN], back: [] }, { width: 2, height: 1 }))).toEqual(['  ']);
});

test('tells which line a character belongs to, the front one where both pass', () => {
  const picture = braillePicture({ front: [1, 1, 1, 1], back: [0, 0, 1, 1] }, { width: 2, height: 2 });
  expect(picture.rows.map((row) => row.map((cell) => cell.layer))).toEqual([
    ['front', 'front'],
    ['back', 'back'],
  ]);
});
