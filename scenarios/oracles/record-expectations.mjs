/**
 * Owns what the conformance page knows of a test: every expectation it makes, expected and found, written down beside it while it runs.
 * Loaded into the test workers by conformance.mjs alone; changes no outcome.
 */
import { chai } from 'vitest';

const { flag, overwriteMethod } = chai.util;

/** Expected and found in words a person can compare; long ones are cut. */
function text(value) {
  if (typeof value === 'number') return String(value);
  if (ArrayBuffer.isView(value)) return text([...value]);
  const whole =
    typeof value === 'string'
      ? value
      : (JSON.stringify(value, (_, inner) => (typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner)) ??
        String(value));
  return whole.length > 90 ? `${whole.slice(0, 87)}…` : whole;
}

/** The comparison of a published figure says in its message what is compared: "0.5 for 0.5". Of a difference it is nowhere else. */
function publishedFigure(assertion, name, args) {
  const [, found, expected] = /^(\S+) for (\S+)$/.exec(flag(assertion, 'message') ?? '') ?? [];
  if (found === undefined) return undefined;
  return {
    expected,
    found,
    tolerance: name === 'toBeLessThan' ? Number(args[0].toPrecision(2)).toExponential() : tolerances[name](args),
    isPublished: true,
  };
}

const figuresShownMax = 40;

const tolerances = {
  toBe: () => 'exact',
  toEqual: () => 'exact',
  toStrictEqual: () => 'exact',
  toHaveLength: () => 'exact',
  toMatchObject: () => 'exact',
  toBeCloseTo: ([, digits = 2]) => `5e-${digits + 1}`,
  toBeLessThanOrEqual: () => 'at most',
  toBeLessThan: () => 'below',
  toBeGreaterThan: () => 'above',
};

for (const [name, toleranceOf] of Object.entries(tolerances)) {
  overwriteMethod(
    chai.Assertion.prototype,
    name,
    (original) =>
      function recorded(...args) {
        const test = flag(this, 'vitest-test');
        if (test !== undefined) {
          const found = flag(this, 'object');
          test.meta.figures ??= { count: 0, shown: [] };
          test.meta.figures.count++;
          if (test.meta.figures.shown.length < figuresShownMax)
            test.meta.figures.shown.push(
              publishedFigure(this, name, args) ?? {
                expected: text(args[0]),
                found: text(name === 'toHaveLength' ? found?.length : found),
                tolerance: toleranceOf(args),
              },
            );
        }
        return original.apply(this, args);
      },
  );
}
