/** Owns which columns a trial declares, and the computing of some of them for others to read. Never plays a bar. */
import { ColumnBuilder, type ColumnNode, ColumnStore } from '../columns.ts';
import { resolveParameters } from '../parameters.ts';
import { assemble, type PlayInput } from '../play.ts';
import { runSetup } from '../setup.ts';

/** The columns that a trial declares and that other trials may read too, inputs before what is computed from them. Nothing is computed. */
export function shareableColumns(input: PlayInput): readonly ColumnNode[] {
  return declare(input, new ColumnStore(), () => true).filter(({ isShareable, inputs }) => isShareable && inputs.length > 0);
}

export interface WantedColumns {
  /** Their inputs too. */
  readonly wanted: ReadonlySet<string>;
  /** Columns that stand already. */
  readonly known: ReadonlyMap<string, ColumnNode>;
  /** Memory to compute into before any other is taken. */
  readonly targets?: readonly Float64Array[];
}

/** Computes those of a trial's columns that are wanted. */
export function computeColumns(input: PlayInput, { wanted, known, targets }: WantedColumns): readonly ColumnNode[] {
  return declare(input, new ColumnStore(known, targets), (key) => !wanted.has(key)).filter(({ key }) => wanted.has(key));
}

function declare(input: PlayInput, store: ColumnStore, leavesBlank: (key: string) => boolean): readonly ColumnNode[] {
  const { run } = assemble(input);
  const definition = input.strategy();
  const parameters = resolveParameters(definition.name, definition.parameters, input.parameters);
  const scope = `${input.hashes.strategyHash} ${JSON.stringify(parameters)}`;
  run.handlers = {};
  runSetup({
    run,
    settings: input.settings,
    definition,
    parameters,
    builder: new ColumnBuilder({ store, scope, mayCompute: true, leavesBlank }),
  });
  return store.added();
}
