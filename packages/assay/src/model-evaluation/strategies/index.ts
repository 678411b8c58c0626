import { ansiAttack, ansiAttackEncoding } from './ansi-attack.ts'
import { asciiSmuggler, asciiSmugglerEncoding } from './ascii-smuggler.ts'
import { atbash, atbashEncoding } from './atbash.ts'
import { base64, base64Encoding } from './base64.ts'
import { baseline } from './baseline.ts'
import { binary, binaryEncoding } from './binary.ts'
import { caesar, caesarEncoding } from './caesar.ts'
import { charSwap } from './char-swap.ts'
import { characterSpace, characterSpaceEncoding } from './character-space.ts'
import { crescendo } from './crescendo.ts'
import { diacritic, diacriticEncoding } from './diacritic.ts'
import type { Encoding } from './encoding.ts'
import { flip, flipEncoding } from './flip.ts'
import { indirectJailbreak } from './indirect-jailbreak.ts'
import { insistence } from './insistence.ts'
import { jailbreak } from './jailbreak.ts'
import { leetspeak, leetspeakEncoding } from './leetspeak.ts'
import { manyShot } from './many-shot.ts'
import { morse, morseEncoding } from './morse.ts'
import { multiTurn } from './multi-turn.ts'
import { payloadSplitting } from './payload-splitting.ts'
import { persona } from './persona.ts'
import { prefixInjection } from './prefix-injection.ts'
import { refusalSuppression } from './refusal-suppression.ts'
import { rot13, rot13Encoding } from './rot13.ts'
import type { Strategy } from './strategy.ts'
import { stringJoin, stringJoinEncoding } from './string-join.ts'
import { suffixAppend } from './suffix-append.ts'
import { tense } from './tense.ts'
import { unicodeConfusable, unicodeConfusableEncoding } from './unicode-confusable.ts'
import { unicodeSubstitution, unicodeSubstitutionEncoding } from './unicode-substitution.ts'
import { url, urlEncoding } from './url.ts'

export type { Encoding } from './encoding.ts'
export type { Dialogue, Reply, Strategy } from './strategy.ts'

/** Every strategy by its name. Which counts for how much is the policy's to say. */
export const STRATEGIES = {
  Baseline: baseline,
  MultiTurn: multiTurn,
  Crescendo: crescendo,
  Insistence: insistence,
  AnsiAttack: ansiAttack,
  AsciiSmuggler: asciiSmuggler,
  Atbash: atbash,
  Base64: base64,
  Binary: binary,
  Caesar: caesar,
  CharacterSpace: characterSpace,
  CharSwap: charSwap,
  Diacritic: diacritic,
  Flip: flip,
  Leetspeak: leetspeak,
  Morse: morse,
  ROT13: rot13,
  StringJoin: stringJoin,
  SuffixAppend: suffixAppend,
  UnicodeConfusable: unicodeConfusable,
  UnicodeSubstitution: unicodeSubstitution,
  Url: url,
  Tense: tense,
  Jailbreak: jailbreak,
  IndirectJailbreak: indirectJailbreak,
  ManyShot: manyShot,
  PrefixInjection: prefixInjection,
  RefusalSuppression: refusalSuppression,
  Persona: persona,
  PayloadSplitting: payloadSplitting,
} as const satisfies Record<string, Strategy>

export type StrategyName = keyof typeof STRATEGIES

/** The reversible encodings, by the strategy that uses them; Caesar's with the shift of the name-giver. */
export const ENCODINGS = {
  AnsiAttack: ansiAttackEncoding,
  AsciiSmuggler: asciiSmugglerEncoding,
  Atbash: atbashEncoding,
  Base64: base64Encoding,
  Binary: binaryEncoding,
  Caesar: caesarEncoding(3),
  CharacterSpace: characterSpaceEncoding,
  Diacritic: diacriticEncoding,
  Flip: flipEncoding,
  Leetspeak: leetspeakEncoding,
  Morse: morseEncoding,
  ROT13: rot13Encoding,
  StringJoin: stringJoinEncoding,
  UnicodeConfusable: unicodeConfusableEncoding,
  UnicodeSubstitution: unicodeSubstitutionEncoding,
  Url: urlEncoding,
} as const satisfies Partial<Record<StrategyName, Encoding>>

export type EncodingName = keyof typeof ENCODINGS
