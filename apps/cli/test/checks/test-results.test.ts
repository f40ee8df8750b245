/**
 * Test results: checks run on a version, a key signs the result, the hub keeps it with the version, and a rule refuses a
 * rollout without it. Devices know nothing of the rule.
 */
import { createHash, generateKeyPairSync } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VersionTests } from '@skerry/contract/checks/test-report'
import { signTestReport } from '@skerry/platform/signatures/test-signature'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { FILES, MODEL, pushBuild } from '../stage/anomaly.ts'
import { cli } from '../stage/cli.ts'
import { type Fleet, openSharedFleet, tellLogsOnFailure } from '../stage/fleet.ts'

let fleet: Fleet
const paths = { key: '', other: '', checks: '', failing: '' }

beforeAll(async () => {
  fleet = await openSharedFleet()
  await fleet.join('gateway-1', 'lab')
  await pushBuild(fleet, 'v1')
  await pushBuild(fleet, 'v2')
  paths.key = await makeKey('ci')
  paths.other = await makeKey('stranger')
  paths.checks = await writeChecks('checks.yaml', 1)
  paths.failing = await writeChecks('failing.yaml', 0.000_001)
  await succeeds('signing-key', 'add', 'ci', join(fleet.folder, 'ci.pub'))
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(() => fleet?.[Symbol.asyncDispose]())

async function makeKey(name: string): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const path = join(fleet.folder, `${name}.pem`)
  await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await writeFile(join(fleet.folder, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }))
  return path
}

async function writeChecks(name: string, megabytes: number): Promise<string> {
  const path = join(fleet.folder, name)
  await writeFile(
    path,
    `suite: acceptance\nchecks:\n  - { check: size, megabytes: ${megabytes} }\n  - { check: golden }\n`,
  )
  return path
}

/** By the real clock: the order of results counts. */
const run = (words: readonly string[]) =>
  cli(words, {
    env: {
      SKERRY_HOME: fleet.folder,
      SKERRY_HUB: fleet.hub.url,
      SKERRY_KEY: fleet.hub.connection.key,
      SKERRY_CA_FILE: fleet.hub.authorityPath,
    },
    nowMs: Date.now,
  })

async function succeeds(...words: string[]): Promise<string> {
  const done = await run(words)
  expect(done, `${words.join(' ')}\n${done.err}`).toMatchObject({ code: 0 })
  return done.out
}

const testsOf = async (version: number): Promise<VersionTests> =>
  JSON.parse(await succeeds('model', 'tests', `${MODEL}:${version}`, '--json')) as VersionTests

const deployTo = (version: number) => ['deploy', `${MODEL}:${version}`]

test('a rule refuses a rollout until a trusted key has signed a passed result over the files of the version', async () => {
  await succeeds('test-rule', 'set', '--rule', 'sensor-*=ci suite=acceptance within=30d', '--yes')
  const refused = await run(deployTo(1))
  expect(refused.code).not.toBe(0)
  expect(refused.err).toContain('code: version_untested')
  expect(refused.err).toContain(`skerry test ${MODEL}:1 --sign KEY.pem --attach`)
  expect(await run([...deployTo(1), '--dry-run'])).toMatchObject({
    err: expect.stringContaining('version_untested'),
  })

  // A key that nobody trusts, and a failed result, do not help.
  const stranger = await run(['test', `${MODEL}:1`, '--checks', paths.checks, '--sign', paths.other, '--attach'])
  expect(stranger.err).toContain('code: test_report_refused')
  const failing = ['test', `${MODEL}:1`, '--checks', paths.failing, '--sign', paths.key, '--attach']
  expect(await run(failing)).toMatchObject({ code: 1 })
  expect((await run(deployTo(1))).err).toContain('the newest result of the suite acceptance')

  await succeeds('test', `${MODEL}:1`, '--checks', paths.checks, '--sign', paths.key, '--attach')
  await succeeds(...deployTo(1))
  await fleet.item('gateway-1', ({ state, serving }) => state === 'active' && serving?.version === 1)
  const { reports, problem } = await testsOf(1)
  expect(problem).toBeUndefined()
  expect(reports.map(({ suite, passed, failed, key }) => ({ suite, passed, failed, key: key.name }))).toEqual([
    { suite: 'acceptance', passed: true, failed: [], key: 'ci' },
    { suite: 'acceptance', passed: false, failed: ['size'], key: 'ci' },
  ])
  expect(await succeeds('model', 'show', `${MODEL}:1`)).toMatch(/acceptance +passed/)
  const [newest] = reports
  const shown = await succeeds('model', 'tests', `${MODEL}:1`, '--report', newest?.digest ?? '', '--json')
  const statement = Buffer.from(JSON.parse(shown).bundle.dsseEnvelope.payload, 'base64')
  expect(`sha256:${createHash('sha256').update(statement).digest('hex')}`).toBe(newest?.digest)
})

test('a result over other files, from the future, or against its own checks is refused', async () => {
  const bytes = await readFile(FILES.v1)
  const report = (more: object) =>
    signTestReport(
      {
        passed: true,
        model: 'model.onnx',
        files: [{ path: 'model.onnx', digest: digestOf(bytes) }],
        checkFile: digestOf(Buffer.from('checks')),
        checks: [{ check: 'size', name: 'size', passed: true, measured: '1', limit: '2' }],
        finishedAtMs: Date.now(),
        tool: 'other',
        ...more,
      } as Parameters<typeof signTestReport>[0],
      privateKey,
    )
  const privateKey = await readFile(paths.key, 'utf8')
  const attempts: [string, object, number][] = [
    ['it does not name the bytes of model.onnx', {}, 2],
    ['ended in the future', { finishedAtMs: Date.now() + 3_600_000 }, 1],
    [
      'contradicts its own checks',
      { checks: [{ check: 'size', name: 'size', passed: false, measured: '1', limit: '2' }] },
      1,
    ],
  ]
  const path = join(fleet.folder, 'result.sig')
  for (const [reason, more, version] of attempts) {
    await writeFile(path, JSON.stringify(report(more)))
    const { err } = await run(['model', 'attest', `${MODEL}:${version}`, path])
    expect(err).toContain('code: test_report_refused')
    expect(err).toContain(reason)
  }
  // The same statement a second time is the same result.
  await writeFile(path, JSON.stringify(report({})))
  await succeeds('model', 'attest', `${MODEL}:1`, path)
  const count = (await testsOf(1)).reports.length
  await succeeds('model', 'attest', `${MODEL}:1`, path)
  expect((await testsOf(1)).reports).toHaveLength(count)
})

test('a rollback needs no result, and a revoked key makes its results void', async () => {
  await succeeds('test', `${MODEL}:2`, '--checks', paths.checks, '--sign', paths.key, '--attach')
  await succeeds(...deployTo(2))
  await fleet.item('gateway-1', ({ state, serving }) => state === 'active' && serving?.version === 2)
  await succeeds('signing-key', 'revoke', 'ci', '--reason', 'it was stolen', '--yes')
  expect((await testsOf(2)).problem).toMatchObject({ code: 'version_untested' })
  expect((await run(deployTo(1))).err).toContain('code: version_untested')
  await succeeds('deployment', 'rollback', MODEL, '--yes')
  await fleet.item('gateway-1', ({ state, serving }) => state === 'active' && serving?.version === 1)
  const trail = await succeeds('audit', 'ls', '--action', 'testReport.attach', '--json')
  expect(trail).toContain('acceptance')
})

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
