import { OsvAdvisory } from '@skerry/contract/vulnerabilities/osv'
import { expect, test } from 'vitest'
import { type ComponentFacts, judgeComponent, type VexFact } from './judge-component.ts'
import { matchAdvisory } from './match-advisory.ts'
import { type PackageComponent, readPackageUrl } from './package-url.ts'
import { baseScore, severityOf } from './severity.ts'

const advisoryOf = (more: object = {}) => OsvAdvisory.parse({ id: 'CVE-1', modified: '2026-01-01T00:00:00Z', ...more })

const rangeOf = (ecosystem: string, name: string, ...events: object[]) => ({
  package: { ecosystem, name },
  ranges: [{ type: 'ECOSYSTEM', events }],
})

const componentOf = (purl: string): PackageComponent => {
  const found = readPackageUrl(purl)
  if (!found) throw new Error(`${purl} names no package`)
  return found
}

test.each([
  ['pkg:npm/%40scope/left-pad@1.3.0', 'npm', '@scope/left-pad', '1.3.0'],
  ['pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl', 'Debian:12', 'openssl', '3.0.11-1'],
  ['pkg:deb/ubuntu/bash@5.2?distro=ubuntu-24.04', 'Ubuntu:24.04', 'bash', '5.2'],
  ['pkg:apk/alpine/musl@1.2.4-r2?distro=alpine-3.19.1', 'Alpine:v3.19', 'musl', '1.2.4-r2'],
  ['pkg:pypi/Foo_Bar@1.0', 'PyPI', 'foo-bar', '1.0'],
  ['pkg:golang/github.com/gorilla/mux@v1.8.0', 'Go', 'github.com/gorilla/mux', 'v1.8.0'],
  ['pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', 'Maven', 'org.apache.logging.log4j:log4j-core', '2.14.1'],
  ['pkg:deb/debian/epoch@1%3A2.0', 'Debian', 'epoch', '1:2.0'],
])('%s is a package of OSV', (purl, ecosystem, name, version) => {
  expect(readPackageUrl(purl)).toEqual({ purl, ecosystem, package: name, version })
})

test.each(['pkg:generic/thing@1', 'pkg:npm/without-version', 'no purl'])('%s names no package of OSV', (purl) => {
  expect(readPackageUrl(purl)).toBeUndefined()
})

const LODASH = rangeOf('npm', 'lodash', { introduced: '0' }, { fixed: '4.17.21' })

test.each([
  ['4.17.20', { verdict: 'affected', fixedIn: '4.17.21' }],
  ['4.17.21', { verdict: 'not' }],
  ['next', { verdict: 'possible' }],
])('lodash %s in a range is %o', (version, verdict) => {
  expect(matchAdvisory(advisoryOf({ affected: [LODASH] }), componentOf(`pkg:npm/lodash@${version}`))).toMatchObject(
    verdict,
  )
})

test('branches have fixes of their own, also in any order', () => {
  const events = [{ fixed: '2.3.1' }, { introduced: '2.0.0' }, { fixed: '1.9.9' }, { introduced: '1.0.0' }]
  const advisory = advisoryOf({ affected: [rangeOf('npm', 'a', ...events)] })
  const verdicts = ['0.9.0', '1.5.0', '1.9.9', '2.1.0', '2.3.1'].map((version) =>
    matchAdvisory(advisory, componentOf(`pkg:npm/a@${version}`)),
  )
  expect(verdicts.map(({ verdict }) => verdict)).toEqual(['not', 'affected', 'not', 'affected', 'not'])
  expect(verdicts[1]).toMatchObject({ fixedIn: '1.9.9' })
})

test('the last affected version is affected, and a list of versions counts', () => {
  const last = advisoryOf({ affected: [rangeOf('npm', 'a', { introduced: '1.0.0' }, { last_affected: '1.2.0' })] })
  expect(matchAdvisory(last, componentOf('pkg:npm/a@1.2.0')).verdict).toBe('affected')
  expect(matchAdvisory(last, componentOf('pkg:npm/a@1.2.1')).verdict).toBe('not')
  const named = advisoryOf({ affected: [{ package: { ecosystem: 'PyPI', name: 'a' }, versions: ['1.0rc1'] }] })
  expect(matchAdvisory(named, componentOf('pkg:pypi/a@1.0rc1')).verdict).toBe('affected')
})

test('another release of a distribution is not affected, and an unknown one may be', () => {
  const advisory = advisoryOf({
    affected: [rangeOf('Debian:12', 'openssl', { introduced: '0' }, { fixed: '3.0.11-2' })],
  })
  const verdictOf = (purl: string) => matchAdvisory(advisory, componentOf(purl)).verdict
  expect(verdictOf('pkg:deb/debian/openssl@3.0.11-1?distro=debian-12')).toBe('affected')
  expect(verdictOf('pkg:deb/debian/openssl@3.0.11-1?distro=debian-13')).toBe('not')
  expect(verdictOf('pkg:deb/debian/openssl@3.0.11-1')).toBe('possible')
})

test('a withdrawn advisory is about nothing', () => {
  const advisory = advisoryOf({ affected: [LODASH], withdrawn: '2026-02-01T00:00:00Z' })
  expect(matchAdvisory(advisory, componentOf('pkg:npm/lodash@1.0.0')).verdict).toBe('not')
})

/** [CVSS v3.1 examples] */
test.each([
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10],
  ['CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', 6.4],
  ['CVSS:3.1/AV:L/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N', 2.5],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
  ['CVSS:3.1/AV:N', undefined],
  ['CVSS:4.0/AV:N', undefined],
])('the base score of %s is %s', (vector, score) => {
  expect(baseScore(vector)).toBe(score)
})

test('without a score, the word of the database counts', () => {
  expect(severityOf(advisoryOf({ database_specific: { severity: 'MODERATE' } }))).toEqual({
    severity: 'medium',
    score: undefined,
  })
  expect(severityOf(advisoryOf()).severity).toBe('unknown')
})

const facts = (more: Partial<ComponentFacts> = {}): ComponentFacts => ({
  advisory: advisoryOf({ affected: [LODASH], aliases: ['GHSA-1'] }),
  component: componentOf('pkg:npm/lodash@4.17.20'),
  version: { name: 'dash', version: 3 },
  statements: [],
  accepted: undefined,
  nowMs: 1_000,
  ...more,
})

const vex = (more: Partial<VexFact>): VexFact => ({
  vulnerability: 'GHSA-1',
  product: 'pkg:npm/lodash@4.17.20',
  parts: [],
  status: 'not_affected',
  justification: 'vulnerable_code_not_in_execute_path',
  author: 'Plant',
  atMs: 1,
  ...more,
})

test('a component is open, and the reason names the range', () => {
  expect(judgeComponent(facts())).toMatchObject({
    state: 'open',
    fixedIn: '4.17.21',
    reason: '4.17.20 is in the range from 0 before 4.17.21',
  })
})

test.each([
  ['the package', {}, 'harmless'],
  ['every version of the package', { product: 'pkg:npm/lodash' }, 'harmless'],
  ['the version of the hub', { product: 'pkg:generic/dash@3' }, 'harmless'],
  ['this part of it', { product: 'pkg:generic/dash@3', parts: ['pkg:npm/lodash'] }, 'harmless'],
  ['another part of it', { product: 'pkg:generic/dash@3', parts: ['pkg:npm/other'] }, 'open'],
  ['another version', { product: 'pkg:generic/dash@2' }, 'open'],
  ['another vulnerability', { vulnerability: 'CVE-2' }, 'open'],
  ['an investigation', { status: 'under_investigation' }, 'open'],
] as const)('a VEX statement about %s makes it %o %s', (_, more, state) => {
  expect(judgeComponent(facts({ statements: [vex(more)] }))?.state).toBe(state)
})

test('the newest statement counts', () => {
  const statements = [vex({ atMs: 1 }), vex({ atMs: 2, status: 'affected' })]
  expect(judgeComponent(facts({ statements }))?.state).toBe('open')
})

test('an accepted risk ends at its time', () => {
  const accepted = { reason: 'behind a firewall', untilMs: 2_000, by: 'owner', atMs: 0 }
  expect(judgeComponent(facts({ accepted }))).toMatchObject({ state: 'accepted' })
  expect(judgeComponent(facts({ accepted, nowMs: 2_000 }))).toMatchObject({ state: 'open' })
})
