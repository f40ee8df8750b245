import { Listing } from '@skerry/contract/market/listing'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { certificateOf, compareCertificates, isAbout, joinCertificates, levelReached } from '../certify-listing.ts'
import { NOT_RUN } from '../not-run.ts'
import { checkDevices, type ObservedDevice, type ObservedInstallation, STEADY_MS } from './check-devices.ts'
import type { CheckResult } from './check-listing.ts'
import { checkVulnerabilities } from './check-vulnerabilities.ts'

const digestOf = (hex: string) => Digest.parse(`sha256:${hex.repeat(64)}`)
const digest = digestOf('a')
const listing = Listing.parse({
  v: 1,
  name: 'watch',
  version: '1.0.0',
  title: 'Watch',
  summary: 'Watches',
  description: 'A watch.',
  categories: ['quality'],
  licence: 'MIT',
  publisher: 'Vendor',
  versions: [{ item: 'flow', kind: 'flow', files: [{ path: 'flow.json', digest: digestOf('b'), sizeBytes: 1 }] }],
  sample: { seconds: 10, results: [{ item: 'flow', sink: 'alarm' }] },
})

const NOW = 10_000_000
const device = (name: string, more: Partial<ObservedDevice> = {}): ObservedDevice => ({
  name,
  arch: 'x64',
  isConnected: true,
  items: [{ item: 'flow', isActive: true, isServing: true, sinceMs: NOW - STEADY_MS }],
  signals: new Set(['hall-flow/alarm']),
  ...more,
})
const observe = (more: Partial<ObservedInstallation> = {}) =>
  checkDevices({
    listing,
    digest,
    observed: { name: 'hall', digest, state: 'installed', devices: [device('a')], atMs: NOW, ...more },
  })
const failed = (results: readonly CheckResult[]) =>
  results.flatMap(({ check, findings }) => findings.map((finding) => `${check}: ${finding}`))

test('an installation whose devices all run the version, steadily and with results, passes', () => {
  const results = observe({ devices: [device('a'), device('b', { arch: 'arm64' })] })
  expect(failed(results)).toEqual([])
  expect(results[0]).toMatchObject({ check: 'devices', measured: { devices: 2, healthy: 2, hardware: 'arm64, x64' } })
})

test.each<[string, Partial<ObservedInstallation>, string]>([
  ['has no device', { devices: [] }, 'devices: no device is picked by the installation hall'],
  ['is of another version', { digest: digestOf('c') }, 'devices: the installation hall has other bytes'],
  ['is not finished', { state: 'installing' }, 'devices: the installation hall is not finished'],
  ['has a silent device', { devices: [device('a', { isConnected: false })] }, 'devices: a sends no reports'],
  ['has a device without the item', { devices: [device('a', { items: [] })] }, 'devices: a does not run flow'],
  [
    'serves the version before',
    { devices: [device('a', { items: [{ item: 'flow', isActive: true, isServing: false, sinceMs: 0 }] })] },
    'devices: a does not run flow',
  ],
  ['gives no result', { devices: [device('a', { signals: new Set() })] }, 'outputs: a has sent no value of flow/alarm'],
  [
    'has begun anew',
    { devices: [device('a', { items: [{ item: 'flow', isActive: true, isServing: true, sinceMs: NOW - 5_000 }] })] },
    'steady: flow on a is in its state for 5 s, and 300 s are needed',
  ],
])('an installation that %s fails with the fact', (_, more, message) => {
  expect(failed(observe(more)).join('\n')).toContain(message)
})

const passed = (check: CheckResult['check'], more: Partial<CheckResult> = {}): CheckResult => ({
  check,
  result: 'PASSED',
  facts: {},
  findings: [],
  ...more,
})
const certificate = (...results: CheckResult[]) => certificateOf(listing, digest, results)

test('level 3 needs all levels below it, and another number of devices contradicts nothing', () => {
  const two = joinCertificates(certificate(passed('form')), certificate(passed('golden')))
  expect(levelReached(two)).toBe(2)
  const three = joinCertificates(two, certificate(...observe()))
  expect([three.level, levelReached(three)]).toEqual([3, 3])
  expect(levelReached(certificate(passed('form'), ...observe()))).toBe(1)
  expect(levelReached(joinCertificates(two, certificate(...observe({ devices: [] }))))).toBe(2)
  const later = certificate(...observe({ devices: [device('a'), device('b')] }))
  expect(compareCertificates(three, later)).toEqual([])
  expect(compareCertificates(three, certificate(...observe({ devices: [] }))).map(({ check }) => check)).toContain(
    'devices',
  )
  expect(three.statements.at(-1)?.predicate.configuration[0]?.annotations.command).toContain('--installation NAME')
  expect([isAbout(three, digest), isAbout(three, digestOf('c'))]).toEqual([true, false])
})

/** A made-up package and advisory: no data of OSV are in the repository. */
const ADVISORY = {
  id: 'TEST-2026-1',
  modified: '2026-01-01T00:00:00Z',
  aliases: [],
  severity: [],
  affected: [
    {
      package: { ecosystem: 'npm', name: 'left-pump' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '2.0.0' }] }],
      versions: [],
    },
  ],
}

function compared(version: string, advisories: readonly (typeof ADVISORY)[] | undefined) {
  const sbom = { digest: digestOf('d'), sizeBytes: 1 }
  const [first] = listing.versions
  const app = Listing.parse({ ...listing, versions: [{ ...first, sbom }] })
  const document = {
    bomFormat: 'CycloneDX',
    components: [{ components: [{ purl: `pkg:npm/left-pump@${version}` }, { purl: 'pkg:unknown/x@1' }] }],
  }
  const files = new Map([[sbom.digest, { measured: sbom, document }]])
  return checkVulnerabilities({ listing: app, files, digestOf: () => digest, advisories })
}

test('a part with an advisory fails, wherever the bill of materials names it; without advisories nothing is known', () => {
  expect(compared('1.9.0', [ADVISORY])).toMatchObject({
    facts: { parts: 1 },
    findings: ['flow contains pkg:npm/left-pump@1.9.0 with TEST-2026-1, fixed in 2.0.0'],
  })
  expect(compared('2.0.0', [ADVISORY]).findings).toEqual([])
  expect(compared('1.9.0', undefined)).toMatchObject({ result: 'WARNED', facts: { run: NOT_RUN } })
})

test('an advisory of today ends a certificate of yesterday, and a lack of advisories does not', () => {
  const unknown = passed('vulnerabilities', { result: 'WARNED', facts: { run: NOT_RUN }, findings: ['not run'] })
  const good = passed('vulnerabilities', { facts: { parts: 1 }, measured: { advisories: 3 } })
  const bad = passed('vulnerabilities', { result: 'FAILED', facts: { parts: 1 }, findings: ['it contains x'] })
  expect(levelReached(certificate(passed('form'), unknown))).toBe(1)
  expect(levelReached(certificate(passed('form'), bad))).toBe(0)
  expect(compareCertificates(certificate(good), certificate(unknown))).toEqual([])
  expect(compareCertificates(certificate(unknown), certificate(good))).toEqual([])
  expect(compareCertificates(certificate(passed('form')), certificate(unknown))).toEqual([])
  for (const claimed of [good, unknown])
    expect(compareCertificates(certificate(claimed), certificate(bad))[0]?.message).toContain('it contains x')
})
