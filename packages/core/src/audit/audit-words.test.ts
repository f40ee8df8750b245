import type { AuditRecord } from '@skerry/contract/audit/audit'
import { expect, test } from 'vitest'
import { auditReason, auditSentence, auditWhat, isDryRun, objectName, partsText, type Recorded } from './audit-words.ts'

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
    'the hub paused the rollout of ocr after the wave canary, as planned',
    record('rollout.paused', 'rol_a', { actor: HUB, detail: { deployment: 'ocr', wave: 'canary', isPlanned: true } }),
  ],
  [
    'the hub opened the wave rest of the rollout of ocr',
    record('rollout.wave_opened', 'rol_a', { actor: HUB, detail: { wave: 'rest', deployment: 'ocr' } }),
  ],
  ['owner rolled back the rollout of ocr', record('rollout.rollback', 'rol_a', { detail: { deployment: 'ocr' } })],
  [
    'owner rolled back the deployment ocr from ocr:2 to ocr:1',
    record('deployment.rollback', 'ocr', { detail: { change: 'updated', from: 'ocr:2', into: 'ocr:1' } }),
  ],
  ['owner could not roll back the deployment ocr', record('deployment.rollback', 'ocr', failed)],
  [
    'owner changed the deployment ocr from ocr:1 to ocr:2',
    record('deployment.apply', 'ocr', { detail: { change: 'updated', from: 'ocr:1', into: 'ocr:2' } }),
  ],
  ['owner changed the deployment ocr', record('deployment.apply', 'ocr', { detail: { change: 'updated' } })],
  [
    'the agent of press-4 started with other options: rest from 127.0.0.1:1 to 0.0.0.0:1, name from none to a, c from 1 to 2, and 1 more',
    record('local.options-changed', '', {
      ...onDevice,
      detail: {
        entry: { detail: { rest: ['127.0.0.1:1', '0.0.0.0:1'], name: ['', 'a'], c: ['1', '2'], d: ['1', null] } },
      },
    }),
  ],
  ['the agent of press-4 started with other options', record('local.options-changed', '', onDevice)],
  ['the agent of press-4 started', record('local.agent-started', '', onDevice)],
  ['press-4 got a new certificate', record('device.certified', '', onDevice)],
  ['anonymous could not sign in', record('account.signIn', 'usr_a', { actor: NOBODY, ...failed })],
  ['owner finished the upload of sha256:0123456789ab', record('upload.finished', `sha256:0123456789abcdef`)],
  [
    'owner changed the role of ann@plant.example',
    record('user.setRole', 'u', { detail: { email: 'ann@plant.example' } }),
  ],
  [
    'intrusion detection reported: new administrator',
    record('intrusion.found', 'int_a', { actor: HUB, detail: { rule: 'new_administrator' } }),
  ],
  ['owner revoked the API key dashboard', record('key.revoke', 'key_b', { detail: { name: 'dashboard' } })],
  [
    'owner ran the model ocr on the device press-4',
    record('device.infer', 'd', { detail: { name: 'press-4', model: 'ocr' } }),
  ],
  ['owner could not run a model on the device press-4', record('device.infer', 'press-4', failed)],
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

test('the reason of a record is shown if its actor gave one', () => {
  expect(auditReason({ detail: { reason: 'bad smell' } })).toBe('bad smell')
  expect([auditReason({ detail: { reason: '' } }), auditReason({ detail: {} })]).toEqual([undefined, undefined])
})
