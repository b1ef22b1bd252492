/**
 * Owns a density over a search space: a kernel for each parameter set it is made from, and a flat one for all that was not tried. Never proposes.
 * Source: Bergstra, Bardenet, Bengio, Kégl 2011, Algorithms for hyper-parameter optimization, §4; kernels over all dimensions at once, so that it
 * follows ridges: Falkner, Klein, Hutter 2018, BOHB, §3.
 */
import { exp, log, pow } from '../math.ts';
import { normalProbability, normalQuantile } from '../metrics/normal.ts';
import type { Axis } from './axis.ts';

/** A parameter set by axis: the number of its value, or where any number may be tried its place in [0, 1]. */
export type Point = Float64Array;

/** Width of the kernel of a single point, in shares of an axis, and the smallest of any. */
const widthOfOne = 0.1;
const widthMin = 0.01;
const rootOfTwoPi = Math.sqrt(2 * Math.PI);

/** Densities are per share of an axis: 1 where nothing is known. */
export class Parzen {
  private readonly axes: readonly Axis[];
  private readonly points: Point[] = [];
  /** Middles of the points, point after point by axis. */
  private readonly places: number[] = [];
  /** By point: what its kernel has in its middle, the part cut off at the ends of the axes made up for. */
  private readonly peaks: number[] = [];
  /** By axis; 0 for a list without order, whose values are near to none. */
  private readonly widths: Float64Array;
  /** Weight of each value of a list without order, beside 1 more for a point's own. */
  private readonly otherWeight: number;
  /** By axis without order: density of a point's own value and of each other. */
  private readonly ownShare: Float64Array;
  private readonly otherShare: Float64Array;

  constructor(axes: readonly Axis[], points: readonly Point[]) {
    this.axes = axes;
    // Scott's rule: the more points, and the fewer axes, the narrower; but half a step at least.
    const width = widthOfOne * pow(Math.max(1, points.length), -1 / (axes.length + 4));
    this.widths = Float64Array.from(axes, ({ count, isOrdered }) => (isOrdered ? Math.max(widthMin, width, 0.5 / count) : 0));
    this.otherWeight = 1 / (points.length + 1);
    const share = (own: number): Float64Array =>
      Float64Array.from(axes, ({ count }) => ((own + this.otherWeight) * count) / (1 + count * this.otherWeight));
    this.ownShare = share(1);
    this.otherShare = share(0);
    for (const point of points) this.add(point);
  }

  /** One more; the kernels stay as wide as they are. */
  add(point: Point): void {
    this.points.push(point);
    this.places.push(...this.placesOf(point));
    this.peaks.push(this.peakOf(point));
  }

  /** A point drawn from it; uniform: the next number in [0, 1). */
  draw(uniform: () => number): Point {
    const { points } = this;
    const k = Math.floor(uniform() * (points.length + 1));
    return Float64Array.from(this.axes, (axis, a) => {
      const place = uniform();
      if (k === points.length) return axis.at(place);
      return axis.isOrdered ? this.drawNear(a, points[k][a], place) : this.drawCategory(axis, points[k][a], place);
    });
  }

  logDensity(point: Point): number {
    const { peaks, widths, places, axes, ownShare, otherShare } = this;
    const length = axes.length;
    const own = this.placesOf(point);
    let sum = 1;
    for (let i = 0, at = 0; i < peaks.length; i++) {
      let squares = 0;
      let weight = peaks[i];
      for (let a = 0; a < length; a++, at++) {
        const distance = own[a] - places[at];
        if (widths[a] > 0) squares += (distance / widths[a]) * (distance / widths[a]);
        else weight *= distance === 0 ? ownShare[a] : otherShare[a];
      }
      sum += weight * exp(-squares / 2);
    }
    return log(sum / (peaks.length + 1));
  }

  /** Middles on the axes that have an order, numbers of values on the others. */
  private placesOf(point: Point): Float64Array {
    return Float64Array.from(this.axes, (axis, a) => (axis.isOrdered ? axis.middleOf(point[a]) : point[a]));
  }

  private peakOf(point: Point): number {
    let peak = 1;
    this.axes.forEach((axis, a) => {
      if (!axis.isOrdered) return;
      const { below, above } = this.ends(a, axis.middleOf(point[a]));
      peak /= this.widths[a] * rootOfTwoPi * (above - below);
    });
    return peak;
  }

  /** Probabilities of a kernel up to both ends of the axis. */
  private ends(a: number, middle: number): { readonly below: number; readonly above: number } {
    const width = this.widths[a];
    return { below: normalProbability(-middle / width), above: normalProbability((1 - middle) / width) };
  }

  private drawNear(a: number, coordinate: number, place: number): number {
    const axis = this.axes[a];
    const middle = axis.middleOf(coordinate);
    const { below, above } = this.ends(a, middle);
    const drawn = middle + this.widths[a] * normalQuantile(below + place * (above - below));
    return axis.at(Math.min(1, Math.max(0, drawn)));
  }

  private drawCategory({ count }: Axis, own: number, place: number): number {
    const scaled = place * (1 + count * this.otherWeight);
    return scaled < 1 ? own : Math.min(count - 1, Math.floor((scaled - 1) / this.otherWeight));
  }
}
