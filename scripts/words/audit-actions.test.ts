/** The audit vocabulary: every action that a hub or a device can record has its words. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { api } from '@skerry/contract/api'
import { procedureMeta } from '@skerry/contract/api/procedure-meta'
import { LOCAL_ACTION } from '@skerry/contract/audit/device-journal'
import { acts, events } from '@skerry/core/audit/audit-actions'
import { expect, test } from 'vitest'

/** Every procedure that is not read-only leaves a record under its name, at least of a rejection. */
const procedures = Object.entries(api)
  .flatMap(([noun, group]) => Object.keys(group).map((verb) => `${noun}.${verb}`))
  .filter((name) => procedureMeta(name)?.isReadOnly === false)

const sources = (pattern: string) =>
  execFileSync('git', ['ls-files', pattern], { encoding: 'utf8' })
    .split('\n')
    .filter((path) => /(?<!\.test)\.ts$/.test(path) && existsSync(path))
    .map((path) => readFileSync(path, 'utf8'))

const found = (texts: readonly string[], pattern: RegExp) => [
  ...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name))),
]

/** The hub names its own decisions where it records them, in a constant, or in the union of rollout decisions. */
const lines = sources('apps/hub/src/**').flatMap((text) => text.match(/^.*\b(?:action: |ACTION = ).*$/gm) ?? [])
const decisions = [
  ...found(lines, /'([a-z]+\.[A-Za-z_-]+)'/g),
  ...found(sources('packages/core/src/rollouts/rollout-decision.ts'), /\| '(rollout\.[a-z_]+)'/g),
  ...found(sources('packages/contract/src/audit/**'), /_BROKEN = '([a-z]+\.[A-Za-z]+)'/g),
]

const [journal = ''] = sources('apps/agent/src/auditing/device-journal.ts')
const onDevices = found([journal.slice(0, journal.indexOf('export type DeviceJournal '))], /\| '([a-z-]+)'/g)

test('the vocabulary is found', () => {
  expect(procedures.length).toBeGreaterThan(100)
  expect(decisions).toEqual(
    expect.arrayContaining([
      'rollout.paused',
      'batch.ended',
      'batch.cancelled',
      'device.journalBroken',
      'hub.restored',
    ]),
  )
  expect(onDevices).toEqual(expect.arrayContaining(['agent-started', 'sink-refused']))
})

test('every action of the audit vocabulary has its words', () => {
  const vocabulary = [...procedures, ...decisions, ...onDevices.map((action) => LOCAL_ACTION + action)]
  expect(vocabulary.filter((action) => !(action in acts) && !(action in events))).toEqual([])
})

test('an act that names a member of the detail has a variant for records without it', () => {
  const named = Object.keys(acts).filter((action) => /\{(?!object\})/.test(acts[action] ?? ''))
  expect(named.length).toBeGreaterThan(2)
  // A record that lacks a member of an outcome's variant gets the words of the action.
  const plain = (action: string) => [`${action}:bare`, action.split(':')[0] ?? ''].filter((one) => one !== action)
  expect(named.filter((action) => !plain(action).some((one) => one in acts && !named.includes(one)))).toEqual([])
})

test('every act has the infinitive and the past of its verb, and no action is both an act and an event', () => {
  const form = /^[a-z]+(?: (?:in|up|out|back))?\/[a-z]+(?: (?:in|up|out|back))?(?: |$)/
  expect(Object.entries(acts).filter(([, words]) => !form.test(words))).toEqual([])
  expect(Object.keys(acts).filter((action) => action in events)).toEqual([])
})
