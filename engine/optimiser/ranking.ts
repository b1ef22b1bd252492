/** Owns which of a search's trials is the best: by one metric, those that keep the constraints before those that do not. Pure. */
import { type MetricName, metricNames } from '../metrics/catalogue.ts';
import { Condition } from './conditions.ts';

/** "sharpeRatio", or "-drawdownFractionMax" for the smallest. */
export type Objective = MetricName | `-${MetricName}`;

export class Ranking {
  readonly metric: MetricName;
  private readonly objective: Objective;
  private readonly sign: 1 | -1;
  private readonly constraints: readonly Condition[];

  constructor(objective: Objective, constraints: readonly string[]) {
    this.objective = objective;
    this.sign = objective.startsWith('-') ? -1 : 1;
    this.metric = (this.sign < 0 ? objective.slice(1) : objective) as MetricName;
    this.constraints = constraints.map((text) => Condition.parse(text, { names: metricNames, what: 'search.constraints' }));
  }

  /** By the objective alone. For parts of a window: counts and sums are smaller on them, so that constraints of the whole would prefer whoever trades often. */
  get withoutConstraints(): Ranking {
    return new Ranking(this.objective, []);
  }

  /** Every metric that it looks at. */
  get metricsRead(): readonly MetricName[] {
    return [...new Set([this.metric, ...this.constraints.flatMap(({ names }) => names as MetricName[])])];
  }

  /** The larger the better; NaN where the trial has failed or the metric is not defined. metrics: by metricNames. */
  scoreOf(metrics: Float64Array): number {
    return this.sign * this.metricOf(metrics);
  }

  /** The metric that ranks, as it is; NaN where the trial has failed. */
  metricOf(metrics: Float64Array): number {
    return metrics.length === 0 ? Number.NaN : metrics[metricNames.indexOf(this.metric)];
  }

  keepsConstraints(metrics: Float64Array): boolean {
    return this.constraints.every((condition) => condition.holds((name) => metrics[metricNames.indexOf(name as MetricName)]));
  }

  /** Places of trials from the best on: those that keep the constraints by score, then the others by score, then those without one; ties by place. */
  order(trials: readonly { readonly metrics: Float64Array }[]): number[] {
    const scores = trials.map(({ metrics }) => this.scoreOf(metrics));
    const groups = trials.map(({ metrics }, i) => (Number.isNaN(scores[i]) ? 2 : this.keepsConstraints(metrics) ? 0 : 1));
    const places = trials.map((_, i) => i);
    return places.sort((a, b) => groups[a] - groups[b] || (groups[a] === 2 ? 0 : scores[b] - scores[a]) || a - b);
  }
}
