/**
 * Intrusion rules: the signs that each rule looks for, its threshold and the possible response.
 * docs/security/intrusion.md explains them.
 */
import type { IntrusionResponse, IntrusionRule } from '@skerry/contract/intrusion/intrusion'

export type RuleFacts = {
  means: string
  /** The usual one. A score sinks steadily, from the threshold to nothing in one window. */
  threshold: number
  windowMs: number
  /**
   * The action that helps against it. A wrong secret proves nothing against the key's owner: a person who guesses
   * secrets must not be able to lock out others.
   */
  action?: 'lock-key' | 'quarantine-device'
  response: IntrusionResponse
}

const MINUTE_MS = 60_000

export const intrusionRules: Readonly<Record<IntrusionRule, RuleFacts>> = {
  key_guessing: {
    means: 'somebody tries wrong secrets of an API key, or the hub rejects very many requests of its holder',
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
    means: 'a key or a person requests changes of many objects that do not exist, such as a program that tries ids',
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
    means: 'somebody became an owner or an administrator, or got a key or an invitation with such a role',
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
    means: 'somebody uploads models or signatures that no trusted key has signed',
    threshold: 3,
    windowMs: 60 * MINUTE_MS,
    action: 'lock-key',
    response: 'dry-run',
  },
  clock_tampering: {
    means: 'the clock of a device jumps again and again, or leaves the lifetime of its certificate',
    threshold: 3,
    windowMs: 60 * MINUTE_MS,
    action: 'quarantine-device',
    response: 'dry-run',
  },
  journal_broken: {
    means:
      'the records of a device were changed or are incomplete: somebody has worked on its disk, or it lost its records',
    threshold: 1,
    windowMs: 60 * MINUTE_MS,
    action: 'quarantine-device',
    response: 'dry-run',
  },
}
