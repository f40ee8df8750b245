/** Intrusion rules: what each looks for, how much of it is too much, and what could be done about it. docs/security/intrusion.md explains them. */
import type { IntrusionResponse, IntrusionRule } from '@skerry/contract/intrusion/intrusion'

export type RuleFacts = {
  means: string
  /** The usual one. A score sinks steadily, from the threshold to nothing in one window. */
  threshold: number
  windowMs: number
  /** What helps against it. A wrong secret proves nothing against the key's owner: whoever guesses must not be able to lock anybody out. */
  action?: 'lock-key' | 'quarantine-device'
  response: IntrusionResponse
}

const MINUTE_MS = 60_000

export const intrusionRules: Readonly<Record<IntrusionRule, RuleFacts>> = {
  key_guessing: {
    means: 'an API key is used with wrong secrets, or its requests are rejected again and again',
    threshold: 20,
    windowMs: 15 * MINUTE_MS,
    response: 'none',
  },
  sign_in_guessing: {
    means: 'somebody guesses passwords or codes of a person',
    threshold: 4,
    windowMs: 30 * MINUTE_MS,
    response: 'none',
  },
  permission_probing: {
    means: 'a key or a person tries several actions that its role does not permit',
    threshold: 5,
    windowMs: 15 * MINUTE_MS,
    action: 'lock-key',
    response: 'dry-run',
  },
  object_probing: {
    means: 'a key or a person requests changes of many objects that do not exist, like a program that guesses ids',
    threshold: 15,
    windowMs: 15 * MINUTE_MS,
    action: 'lock-key',
    response: 'dry-run',
  },
  many_places: {
    means: 'a key or a person works from several addresses at the same time',
    threshold: 4,
    windowMs: 10 * MINUTE_MS,
    action: 'lock-key',
    response: 'dry-run',
  },
  mass_change: {
    means: 'a key or a person removes, revokes or wipes many objects within a short time',
    threshold: 20,
    windowMs: 10 * MINUTE_MS,
    action: 'lock-key',
    response: 'dry-run',
  },
  new_administrator: {
    means: 'a person became an owner or an administrator, or a key or an invitation with such a role was created',
    threshold: 1,
    windowMs: MINUTE_MS,
    response: 'none',
  },
  certificate_shared: {
    means: 'two machines use the key and certificate of a device at the same time: one of them is a copy',
    threshold: 1,
    windowMs: 60 * MINUTE_MS,
    action: 'quarantine-device',
    response: 'dry-run',
  },
  untrusted_push: {
    means: 'somebody pushes models or signatures that no trusted key has signed',
    threshold: 3,
    windowMs: 60 * MINUTE_MS,
    action: 'lock-key',
    response: 'dry-run',
  },
  clock_tampering: {
    means: 'the clock of a device changes back and forth repeatedly, or lies outside the validity of its certificate',
    threshold: 3,
    windowMs: 60 * MINUTE_MS,
    action: 'quarantine-device',
    response: 'dry-run',
  },
  journal_broken: {
    means:
      'the journal of a device was changed, or parts of it are missing: somebody changed its disk, or it lost its records',
    threshold: 1,
    windowMs: 60 * MINUTE_MS,
    action: 'quarantine-device',
    response: 'dry-run',
  },
}
