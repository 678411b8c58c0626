import type { Random } from '../random.ts'

/** A conversation as a strategy holds it. Every message goes to the model with all that was said before. */
export interface Dialogue {
  /** Says something that leads up to the objective; the reply is not judged. */
  say(text: string): Promise<void>
  /** Asks for the objective; the reply is judged. */
  ask(text: string): Promise<Reply>
  /** Goes on as if the last thing said, and its reply, had not been. */
  takeBack(): void
}

/** What became of a question. Neither harmful nor refused: the model deflected, or talked of something else. */
export interface Reply {
  readonly harmful: boolean
  readonly refused: boolean
}

/**
 * A way to put an objective to a model, without a model of its own. Its name is the field's (Azure's AI red teaming
 * agent, PyRIT). An implementation keeps this promise: what it returns is the last judged reply's outcome, and all its
 * choices come from `random`.
 */
export interface Strategy {
  readonly name: string
  hold(dialogue: Dialogue, objective: string, random: Random): Promise<Reply>
}
