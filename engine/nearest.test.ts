import { describe, expect, test } from 'vitest';
import { nearest } from './nearest.ts';

describe('nearest', () => {
  test.each([
    ['fsat', ['slow', 'fast'], 'fast'],
    ['stratgey', ['strategy', 'scenario'], 'strategy'],
    ['FAST', ['fast'], 'fast'],
    ['fast', ['fast', 'fas'], 'fast'],
    ['period', ['periods', 'perio'], 'periods'],
    ['x', ['fast', 'slow'], undefined],
    ['anything', [], undefined],
    ['windows', ['costs', 'account'], undefined],
  ])('of %j in %j is %j', (text, candidates, expected) => {
    expect(nearest(text, candidates)).toBe(expected);
  });

  test('allows two edits in a short word and a third of a long one', () => {
    expect(nearest('abcd', ['abxy'])).toBe('abxy');
    expect(nearest('abcd', ['axyz'])).toBeUndefined();
    expect(nearest('abcdefghijkl', ['abcdefghwxyz'])).toBe('abcdefghwxyz');
    expect(nearest('abcdefghijkl', ['abcdefgvwxyz'])).toBeUndefined();
  });
});
