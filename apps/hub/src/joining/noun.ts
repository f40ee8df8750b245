/** Joining: expected devices and the rules of who is admitted. */
import type { Noun } from '../nouns/noun.ts'
import { expectedHandlers } from './expected-handlers.ts'
import { sweepRequests } from './request-sweep.ts'

type Handlers = {
  expected: typeof expectedHandlers
}

const handlers: Handlers = { expected: expectedHandlers }

export const joiningNoun = {
  handlers,
  purge: [
    ['device_origins', ['device_id']],
    ['expected_devices', ['id']],
    ['joining_rules', ['organisation_id']],
  ],
  sweeps: [{ name: 'join_requests', everyMs: 600_000, run: sweepRequests }],
} satisfies Noun
