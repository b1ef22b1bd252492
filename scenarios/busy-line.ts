/** Owns asking a worker that does not come back which line it is at. Never changes what it does: it goes on afterwards. */
import { Session } from 'node:inspector';
import type { Worker } from 'node:worker_threads';
import { bundleLineOffset, bundleUrl } from '../strategies/evaluate.ts';
import { locateInSource, type SourceLocation } from '../strategies/trace.ts';

/** Longest wait for the answer; on an idle machine it takes 0.15 s. */
const waitMsMax = 2_000;

interface CallFrame {
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number };
}

type FromWorker =
  | { readonly method: 'Debugger.scriptParsed'; readonly params: { readonly scriptId: string; readonly url: string } }
  | { readonly method: 'Debugger.paused'; readonly params: { readonly callFrames: readonly CallFrame[] } }
  | { readonly method?: undefined };

/** Pauses the worker through the inspector and reads its stack; undefined where it is in no line of the strategy, or does not answer. */
export function busyLineOf(worker: Worker, sourceMap: string): Promise<SourceLocation | undefined> {
  return new Promise((resolve) => {
    const session = new Session();
    const scripts = new Set<string>();
    let send: (method: string) => void = () => {};
    const end = (place: SourceLocation | undefined): void => {
      clearTimeout(limit);
      // A worker that stands in the debugger cannot be ended.
      send('Debugger.resume');
      session.disconnect();
      resolve(place);
    };
    const limit = setTimeout(() => end(undefined), waitMsMax);
    session.connect();
    session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
      if (workerInfo.workerId !== String(worker.threadId)) return;
      send = (method) => session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id: 1, method }) });
      send('Debugger.enable');
      send('Debugger.pause');
    });
    session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      const message = JSON.parse(params.message) as FromWorker;
      if (message.method === 'Debugger.scriptParsed' && message.params.url === bundleUrl) scripts.add(message.params.scriptId);
      if (message.method === 'Debugger.paused') end(placeIn(message.params.callFrames, scripts, sourceMap));
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  });
}

/** The innermost frame in the author's own files. The inspector counts lines and columns from 0. */
function placeIn(frames: readonly CallFrame[], scripts: ReadonlySet<string>, sourceMap: string): SourceLocation | undefined {
  for (const { location } of frames) {
    if (!scripts.has(location.scriptId)) continue;
    const place = locateInSource(sourceMap, location.lineNumber + 1 - bundleLineOffset, location.columnNumber + 1);
    if (place !== null && !place.file.includes('node_modules/')) return place;
  }
  return undefined;
}
