/** Captures: which rows of a model devices keep, and the labels that people give them. */
import type { Noun } from '../nouns/noun.ts'
import { captureRuleHandlers } from './capture-handlers.ts'
import { sweepLabels } from './label-store.ts'
import { captureRowHandlers } from './row-handlers.ts'
import { sweepScores } from './score-store.ts'

type Handlers = { capture: typeof captureRuleHandlers & typeof captureRowHandlers }

const handlers: Handlers = { capture: { ...captureRuleHandlers, ...captureRowHandlers } }

export const captureNoun = {
  handlers,
  purge: [
    ['score_sums', ['organisation_id', 'model', 'start_ms', 'version', 'profile']],
    ['capture_labels', ['organisation_id', 'model', 'request']],
    ['capture_erasures', ['organisation_id', 'sequence']],
    ['capture_devices', ['device_id']],
    ['capture_salts', ['organisation_id']],
    ['captures', ['organisation_id', 'model']],
  ],
  sweeps: [
    { name: 'capture-labels', everyMs: 3_600_000, run: sweepLabels },
    { name: 'score-sums', everyMs: 60_000, run: sweepScores },
  ],
  raises: { capture: ['models'] },
} satisfies Noun
