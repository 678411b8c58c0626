import type { Random } from '../random.ts'

/** A conversation as a strategy holds it. Every message goes to the model with all that was said before. */
export interface Dialogue {
  /** Says something that leads up to the objective; the reply is not judged. */
  say(text: string): Promise<void>
  /** Asks for the objective; the reply is judged. */
  ask(text: string): Promise<{ readonly harmful: boolean }>
}

/**
 * A way to put an objective to a model, without a model of its own. Its name is the field's (Azure's AI red teaming
 * agent, PyRIT). An implementation keeps this promise: what it returns is the last judged reply's outcome, and all its
 * choices come from `random`.
 */
export interface Strategy {
  readonly name: string
  hold(dialogue: Dialogue, objective: string, random: Random): Promise<{ readonly harmful: boolean }>
}
