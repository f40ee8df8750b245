/** No limits by licence: the promise of docs/guide/trust.md. test/quiet.test.ts shows that there is no telemetry. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errors } from '@skerry/contract/errors/errors'
import { expect, test } from 'vitest'
import { ROOT } from '../step.ts'

const SOURCES = ['apps/hub/src/options.ts', 'apps/agent/src/options.ts', 'docs/reference/cli.md']
const PAYWALL = /licen[cs]e|edition|entitle|trial|subscription-key|telemetry-id/

test('no option of hub, agent or command line takes a licence', () => {
  const options = SOURCES.flatMap((path) => readFileSync(join(ROOT, path), 'utf8').match(/--[a-z][a-z-]+/g) ?? [])
  expect(options.length).toBeGreaterThan(100)
  expect(options.filter((option) => PAYWALL.test(option))).toEqual([])
})

test('no error code rejects a request for want of a licence', () => {
  expect(Object.keys(errors).filter((code) => PAYWALL.test(code))).toEqual([])
})
