import type { AuditRecord } from '@skerry/contract/audit/audit'
import { expect, test } from 'vitest'
import { auditSentence, auditWhat, isDryRun, objectName, partsText, type Recorded } from './audit-words.ts'

const OWNER: AuditRecord['actor'] = { kind: 'key', id: 'key_a', name: 'owner' }
const HUB: AuditRecord['actor'] = { kind: 'hub', id: '', name: 'hub' }
const PRESS: AuditRecord['actor'] = { kind: 'device', id: 'dev_a', name: 'press-4' }
const NOBODY: AuditRecord['actor'] = { kind: 'anonymous', id: '', name: '' }

const record = (action: string, id: string, more: Partial<Recorded> = {}): Recorded => ({
  actor: OWNER,
  action,
  object: { kind: action.split('.')[0] ?? '', id },
  result: 'ok',
  detail: {},
  ...more,
})

const onDevice = { actor: PRESS, object: { kind: 'device', id: 'dev_a' } }
const failed = { result: 'permission_denied' }

test.each<[string, Recorded]>([
  ['owner changed the site oslo', record('site.apply', 'oslo', { detail: { change: 'updated' } })],
  ['owner created the site oslo', record('site.apply', 'oslo', { detail: { change: 'created' } })],
  [
    'owner made a dry run: create the site oslo',
    record('site.apply', 'oslo', { detail: { change: 'created', dryRun: true } }),
  ],
  ['owner could not change the site oslo', record('site.apply', 'oslo', { ...failed, detail: { dryRun: true } })],
  ['owner could not remove the deployment ocr', record('deployment.remove', 'ocr', failed)],
  ['owner pushed ocr:3', record('model.push', 'ocr/3', { detail: { created: true } })],
  ['owner pushed ocr:3 again, without a change', record('model.push', 'ocr/3', { detail: { created: false } })],
  ['owner set the alias ocr@best', record('model.setAlias', 'ocr/best')],
  [
    'the hub paused the rollout of ocr',
    record('rollout.paused', 'rol_a', { actor: HUB, detail: { deployment: 'ocr' } }),
  ],
  ['the hub paused the rollout of rol_a', record('rollout.paused', 'rol_a', { actor: HUB })],
  [
    'the hub opened the wave rest of the rollout of ocr',
    record('rollout.wave_opened', 'rol_a', { actor: HUB, detail: { wave: 'rest', deployment: 'ocr' } }),
  ],
  ['owner rolled back the rollout of ocr', record('rollout.rollback', 'rol_a', { detail: { deployment: 'ocr' } })],
  ['the agent of press-4 started', record('local.agent-started', '', onDevice)],
  ['press-4 got a new certificate', record('device.certified', '', onDevice)],
  ['anonymous could not sign in', record('account.signIn', 'usr_a', { actor: NOBODY, ...failed })],
  ['owner finished the upload of sha256:0123456789ab', record('upload.finished', `sha256:0123456789abcdef`)],
  [
    'owner changed the role of ann@plant.example',
    record('user.setRole', 'u', { detail: { email: 'ann@plant.example' } }),
  ],
  [
    'intrusion detection found refusals',
    record('intrusion.found', 'int_a', { actor: HUB, detail: { rule: 'refusals' } }),
  ],
  ['owner revoked the API key dashboard', record('key.revoke', 'key_b', { detail: { name: 'dashboard' } })],
  ['owner changed the rules of trust', record('trust.set', '')],
  ['owner future.action thing', record('future.action', 'thing')],
])('a record reads as a sentence: %s', (sentence, one) => {
  expect(partsText(auditSentence(one))).toBe(sentence)
})

test('an act beside the column of its actor begins with its verb, and an event is whole', () => {
  expect(partsText(auditWhat(record('site.remove', 'oslo')))).toBe('removed the site oslo')
  expect(partsText(auditWhat(record('local.agent-started', '', onDevice)))).toBe('the agent of press-4 started')
})

test('the object is a part of its own, for a link', () => {
  expect(auditSentence(record('site.remove', 'oslo'))).toEqual([
    { kind: 'actor', text: 'owner' },
    { kind: 'text', text: ' ' },
    { kind: 'text', text: 'removed the site ' },
    { kind: 'object', text: 'oslo' },
  ])
})

test('a record without an object has its kind, and an actor without a name its id', () => {
  expect(objectName(record('trust.set', ''))).toBe('trust')
  expect(objectName(record('device.join', 'dev_a', { actor: { ...PRESS, name: '' } }))).toBe('dev_a')
})

test('only a call that asked for it is a dry run', () => {
  expect([{}, { dryRun: false }, { dryRun: 'true' }, { dryRun: true }].map((detail) => isDryRun({ detail }))).toEqual([
    false,
    false,
    false,
    true,
  ])
})
