import { expect, test } from 'vitest'
import { auditPath } from './audit-path.ts'

test.each([
  ['site', 'oslo', 'site.apply', '/sites/oslo'],
  ['device', 'dev_a', 'local.agent-started', '/devices/dev_a'],
  ['deployment', 'ocr', 'deployment.apply', '/deployments/ocr'],
  ['rollout', 'rol_a', 'rollout.paused', '/rollouts/rol_a'],
  ['batch', 'bat_a', 'batch.ended', '/batches/bat_a'],
  ['model', 'ocr/3', 'model.push', '/models/ocr/versions/3'],
  ['model', 'ocr/best', 'model.setAlias', '/models/ocr'],
  ['trust', 'ocr/3', 'trust.sign', '/models/ocr/versions/3'],
  ['trust', '', 'trust.set', '/audit?record=7'],
  ['key', 'key_a', 'key.create', '/audit?record=7'],
  ['deployment', 'ocr', 'deployment.remove', '/audit?record=7'],
  ['model', 'ocr/3', 'model.removeVersion', '/audit?record=7'],
  ['site', 'a/../b', 'site.apply', '/sites/a%2F..%2Fb'],
])('the object of kind %s and id %s, after %s, leads to a page', (kind, id, action, path) => {
  expect(auditPath({ object: { kind, id }, action, sequence: 7 })).toBe(path)
})
