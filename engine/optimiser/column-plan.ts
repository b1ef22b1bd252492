/** Owns which columns a trial declares, and the computing of some of them for others to read. Never plays a bar. */
import { ColumnBuilder, type ColumnNode, ColumnStore } from '../columns.ts';
import { resolveParameters } from '../parameters.ts';
import { assemble, type PlayInput } from '../play.ts';
import { runSetup } from '../setup.ts';

/** The columns that a trial declares and that other trials may read too, inputs before what is computed from them. Nothing is computed. */
export function shareableColumns(input: PlayInput): readonly ColumnNode[] {
  return declare(input, new ColumnStore(), () => true).filter(({ isShareable, inputs }) => isShareable && inputs.length > 0);
}

/** Computes those of a trial's columns that are wanted; known: columns that stand already. wanted holds their inputs too. */
export function computeColumns(
  input: PlayInput,
  { wanted, known }: { readonly wanted: ReadonlySet<string>; readonly known: ReadonlyMap<string, ColumnNode> },
): readonly ColumnNode[] {
  return declare(input, new ColumnStore(known), (key) => !wanted.has(key)).filter(({ key }) => wanted.has(key));
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
