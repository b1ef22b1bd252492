/** Owns the seed of every property test: one unless PLAYHEAD_SEED says another, printed by fast-check where a property fails. Loaded before each test file. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.PLAYHEAD_SEED ?? 1) });
