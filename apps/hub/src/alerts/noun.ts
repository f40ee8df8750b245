/** Alerts: the hub derives them, and people answer the alerts about equipment. */
import type { Noun } from '../nouns/noun.ts'
import { alertHandlers } from './alert-handlers.ts'
import { sweepAnswers } from './answer-store.ts'

type Handlers = { alert: typeof alertHandlers }

const handlers: Handlers = { alert: alertHandlers }

export const alertNoun = {
  handlers,
  purge: [['alert_answers', ['device_id', 'kind', 'name']]],
  raises: { alert: ['devices'] },
  sweeps: [
    {
      name: 'alert_answers',
      // Answers without effect cost only space: a row for each alarm that was answered since.
      everyMs: 3_600_000,
      run: ({ store, clock }) => store.transaction((tx) => sweepAnswers(tx, clock.nowMs())),
    },
  ],
} satisfies Noun
