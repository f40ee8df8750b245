/** Language models on devices: their figures over time. */
import type { Noun } from '../nouns/noun.ts'
import { sweepAnswers } from './answer-sweep.ts'

export const languageNoun = {
  sweeps: [{ name: 'language-answers', everyMs: 60_000, run: sweepAnswers }],
} satisfies Noun
