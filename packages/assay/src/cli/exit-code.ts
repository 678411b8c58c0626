/** Exit codes of every command: what ended as it should, what was judged and failed, and what was not judged at all. */
export const EXIT = {
  passed: 0,
  failed: 1,
  /** Wrong usage, or input that is not valid. */
  invalid: 2,
  /** The evaluation could not be held, or no answer came. */
  notHeld: 3,
} as const
