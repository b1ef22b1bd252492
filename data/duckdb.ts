/**
 * Owns the only door to DuckDB: loaded when first needed, one instance per task, settings that keep memory flat and order stable.
 * Never computes a number that reaches a result: its parallel float aggregates are not reproducible.
 */
import { createRequire } from 'node:module';
import { assert, DataError } from '../engine/errors.ts';

type Value = string | number | bigint | boolean | null;

/** The slice of @duckdb/node-api that is used. */
interface Chunk {
  readonly chunk: unknown;
  readonly rowCount: number;
  setColumns(columns: readonly (readonly Value[])[]): void;
}
interface Result {
  columnTypeId(column: number): number;
  fetchChunk(): Promise<Chunk | null>;
  getRowsJson(): Promise<(string | number | boolean | null)[][]>;
}
interface Appender {
  appendDataChunk(chunk: Chunk): void;
  closeSync(): void;
}
interface Connection {
  readonly progress: { readonly percentage: number };
  run(sql: string): Promise<Result>;
  stream(sql: string): Promise<Result>;
  createAppender(table: string): Promise<Appender>;
  closeSync(): void;
}
interface NodeApi {
  readonly DuckDBInstance: {
    create(path: string, options: Record<string, string>): Promise<{ connect(): Promise<Connection>; closeSync(): void }>;
  };
  readonly DuckDBDataChunk: { create(types: readonly unknown[], rowCount: number): Chunk };
  readonly BIGINT: unknown;
  readonly DOUBLE: unknown;
}
interface Bindings {
  data_chunk_get_vector(chunk: unknown, column: number): unknown;
  vector_get_data(vector: unknown, byteCount: number): Uint8Array;
}

/** DuckDBTypeId.DOUBLE: the bytes of a vector are read as they lie, so another type would be read as nonsense. */
const doubleTypeId = 11;

let loaded: { readonly api: NodeApi; readonly bindings: Bindings } | undefined;

function load(): { readonly api: NodeApi; readonly bindings: Bindings } {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    // The low-level functions belong to a dependency of node-api: resolved from there, so that any install layout works.
    const bindings = createRequire(require.resolve('@duckdb/node-api'))('@duckdb/node-bindings') as Bindings;
    loaded = { api: require('@duckdb/node-api') as NodeApi, bindings };
  }
  return loaded;
}

/** Receives the next rows of a query: one view per column, valid only during the call. */
export type RowsSink = (columns: readonly Float64Array[], rowCount: number) => void;

export interface Duckdb {
  /** Runs a statement; onProgress gets a fraction 0…1 a few times a second. */
  run(sql: string, onProgress?: (fraction: number) => void): Promise<void>;
  /** Small results only: rows as JSON values (64-bit integers as text). */
  rows(sql: string): Promise<(string | number | boolean | null)[][]>;
  /** Streams a query whose columns are all DOUBLE and without NULL. */
  scan(sql: string, columnCount: number, sink: RowsSink): Promise<void>;
  /** Appends columns to a table of one BIGINT and otherwise DOUBLE columns. */
  append(table: string, columns: readonly Float64Array[]): Promise<void>;
  close(): void;
}

/** Opens an instance of its own in memory; what does not fit spills to spillPath, which must be given where data is sorted or joined. */
export async function openDuckdb(spillPath?: string): Promise<Duckdb> {
  const { api, bindings } = load();
  const options: Record<string, string> = { memory_limit: '1GB', autoinstall_known_extensions: 'false' };
  if (spillPath !== undefined) options.temp_directory = spillPath;
  const instance = await api.DuckDBInstance.create(':memory:', options);
  const connection = await instance.connect();
  return {
    run: async (sql, onProgress) => {
      if (onProgress === undefined) {
        await connection.run(sql);
        return;
      }
      await connection.run('SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0');
      const timer = setInterval(() => {
        const { percentage } = connection.progress;
        if (percentage > 0) onProgress(Math.min(percentage, 100) / 100);
      }, 200);
      try {
        await connection.run(sql);
      } finally {
        clearInterval(timer);
      }
      onProgress(1);
    },
    rows: async (sql) => (await connection.run(sql)).getRowsJson(),
    scan: async (sql, columnCount, sink) => {
      const result = await connection.stream(sql);
      for (let i = 0; i < columnCount; i++) assert(result.columnTypeId(i) === doubleTypeId, `column ${i} of the query is no DOUBLE`);
      for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        const rowCount = chunk.rowCount;
        const views = new Array<Float64Array>(columnCount);
        for (let i = 0; i < columnCount; i++) {
          const bytes = bindings.vector_get_data(bindings.data_chunk_get_vector(chunk.chunk, i), rowCount * 8);
          views[i] = new Float64Array(bytes.buffer, bytes.byteOffset, rowCount);
        }
        sink(views, rowCount);
      }
    },
    append: async (table, columns) => {
      const appender = await connection.createAppender(table);
      const types = columns.map((_, i) => (i === 0 ? api.BIGINT : api.DOUBLE));
      const length = columns[0].length;
      for (let from = 0; from < length; from += 2048) {
        const rowCount = Math.min(2048, length - from);
        const chunk = api.DuckDBDataChunk.create(types, rowCount);
        chunk.setColumns(
          columns.map((column, i) => {
            const values = Array.from(column.subarray(from, from + rowCount));
            return i === 0 ? values.map((value) => BigInt(value)) : values;
          }),
        );
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Runs a task on an instance that is closed whatever happens. */
export async function withDuckdb<T>(spillPath: string | undefined, task: (duckdb: Duckdb) => Promise<T>): Promise<T> {
  const duckdb = await openDuckdb(spillPath);
  try {
    return await task(duckdb);
  } finally {
    duckdb.close();
  }
}

/** A text literal of SQL. */
export function sqlText(value: string): string {
  if (value.includes('\0')) throw new DataError('DATA_FORMAT', 'a name contains a zero byte');
  return `'${value.replaceAll("'", "''")}'`;
}

/** A quoted identifier of SQL. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A path as a text literal; what DuckDB would take for a pattern is escaped. */
export function sqlPath(path: string): string {
  return sqlText(path.replaceAll(/[[*?]/g, (character) => `[${character}]`));
}
