/** Owns the control of what a second thread is worth on this machine now: the same arithmetic without memory, in one thread and in two. */
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const stepCount = 150_000_000;

if (!isMainThread) {
  parentPort?.once('message', () => parentPort?.postMessage(churn()));
}

function churn(): number {
  let state = 1;
  for (let i = 0; i < stepCount; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}

/** Work done a second by so many threads, in terms of one piece; threads are up before it begins. */
export async function controlRate(threadCount: number): Promise<number> {
  const workers = Array.from({ length: threadCount }, () => new Worker(fileURLToPath(import.meta.url)));
  try {
    await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('online', resolve))));
    const answers = workers.map((worker) => new Promise((resolve) => worker.once('message', resolve)));
    const started = performance.now();
    for (const worker of workers) worker.postMessage('begin');
    await Promise.all(answers);
    return (threadCount * 1000) / (performance.now() - started);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
