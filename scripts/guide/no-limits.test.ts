/** No limits by licence: the promise of docs/guide/trust.md. test/quiet.test.ts shows that there is no telemetry. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errors } from '@skerry/contract/errors/errors'
import { expect, test } from 'vitest'
import { ROOT } from '../step.ts'

const SOURCES = ['apps/hub/src/options.ts', 'apps/agent/src/options.ts', 'docs/reference/cli.md']
const PAYWALL = /licen[cs]e|edition|entitle|trial|subscription-key|telemetry-id/

/** Publishers of a marketplace may sell their listings. Skerry itself, and all that it has built in, needs nothing. */
const OF_LISTINGS: ReadonlySet<string> = new Set(['--trial', 'entitlement_refused', 'entitlement_missing'])

const isPaywall = (name: string) => PAYWALL.test(name) && !OF_LISTINGS.has(name)

test('no option of hub, agent or command line takes a licence', () => {
  const options = SOURCES.flatMap((path) => readFileSync(join(ROOT, path), 'utf8').match(/--[a-z][a-z-]+/g) ?? [])
  expect(options.length).toBeGreaterThan(100)
  expect(options.filter(isPaywall)).toEqual([])
})

test('no error code rejects a request for want of a licence', () => {
  expect(Object.keys(errors).filter(isPaywall)).toEqual([])
})

test('no built-in listing needs an entitlement', () => {
  const folder = join(ROOT, 'apps/cli/market')
  const listings = readdirSync(folder)
    .map((name) => join(folder, name, 'listing.yaml'))
    .filter((path) => existsSync(path))
  expect(listings.length).toBeGreaterThan(5)
  expect(listings.filter((path) => /^entitlement:/m.test(readFileSync(path, 'utf8')))).toEqual([])
})
