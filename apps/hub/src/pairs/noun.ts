/** Pairs: two devices that stand in for each other, and a witness. */
import type { Noun } from '../nouns/noun.ts'
import { pairHandlers } from './pair-handlers.ts'

type Handlers = { pair: typeof pairHandlers }

const handlers: Handlers = { pair: pairHandlers }

export const pairNoun = {
  handlers,
  purge: [
    ['pair_reports', ['device_id']],
    ['pairs', ['id']],
    ['ended_pairs', ['id']],
  ],
} satisfies Noun
