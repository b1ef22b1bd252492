/** Owns playhead's row of a sweep in a bench of several engines. Arguments: --jobs N, --replay MODE and sweep100, sweep1000 or sweep COUNT BARS-NAME. Prints one RESULT line. */
import { homeWithPeerBars } from './peer-bars.ts';
import { pairsOf, timeSweep } from './time-sweep.ts';

const [, jobsText, , replay, workload, ...rest] = process.argv.slice(2);
const count = workload === 'sweep' ? Number(rest[0]) : Number(workload.replace('sweep', ''));
const file = rest[1] ?? 'bars-525600';
const jobs = Number(jobsText);

const home = await homeWithPeerBars(file);
const timed = await timeSweep({ home, set: [...pairsOf(count), `replay=${replay}`], jobs });
const result = {
  engine: `playhead ${replay}, ${jobs} ${jobs === 1 ? 'thread' : 'threads'}`,
  // What was timed, for whoever plays it again.
  version: `${process.version}, sweep ${timed.sweepHash.slice(0, 16)}`,
  workload,
  combos: timed.trialCount,
  bars: Number(file.replace('bars-', '')),
  seconds: timed.seconds,
  trades: timed.tradeCount,
  equity: timed.equityQuote,
  rss_mb: Math.round(timed.rssMbMax),
  child_rss_mb: 0,
};
process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
