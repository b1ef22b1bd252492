/** Owns how a test takes hold of what is refused. Never used outside tests. */
import { PlayheadError } from '../errors.ts';

/** The coded error that the work ends with; any other is thrown on, and so is none. */
export function refusalOf(work: () => void): PlayheadError {
  try {
    work();
  } catch (error) {
    if (error instanceof PlayheadError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
