/** The audit trail on this machine: exported, kept, and verified without a hub. */
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { asciiText } from '@skerry/core/audit/syslog-message'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { beforeEach, expect, test } from 'vitest'
import type { FakeHub } from '../../../test/fake-hub/fake-hub.ts'
import { cli } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

let hub: FakeHub
let env: Record<string, string>
let exported: string
let key: string
let kept: string

beforeEach(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, env } = signedIn)
  const save = async (name: string, words: string[]) => {
    const path = join(signedIn.folder.path, name)
    const { code, out, err } = await cli(['audit', ...words], { env })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    await writeFile(path, out)
    return path
  }
  exported = await save('audit.jsonl', ['export'])
  key = await save('audit.pub', ['key'])
  kept = await save('kept.json', ['sign', '--json'])
  return () => signedIn[Symbol.asyncDispose]()
})

/** Nobody is signed in: whatever asks a hub fails. */
const verify = (...words: string[]) => cli(['audit', 'verify', ...words], { env: { SKERRY_HOME: '/nowhere' } })
const linesOf = async () => (await readFile(exported, 'utf8')).trim().split('\n')
const beside = (name: string) => join(dirname(exported), name)
const rewrite = (lines: readonly string[]) => writeFile(exported, lines.map((line) => `${line}\n`).join(''))

test('an export is verified without a hub, by the key alone', async () => {
  expect(await linesOf()).toHaveLength(4)
  expect(await verify(exported, '--key', key)).toEqual({
    code: 0,
    out: `the trail is unbroken: 3 records, the last with ${hub.state.audit[2]?.hash}\nsigned checkpoints prove it up to record 3\n`,
    err: '',
  })
  const { out } = await verify(exported, '--key', key, '--checkpoint', kept, '--json')
  expect(JSON.parse(out)).toMatchObject({ intact: true, records: 3, provenThrough: 3, kept: 1 })
})

test('the hub is verified against what was kept, as well as by itself', async () => {
  expect((await cli(['audit', 'verify', '--checkpoint', kept], { env })).code).toBe(0)
  hub.state.audit.pop()
  expect((await cli(['audit', 'verify'], { env })).code).toBe(0)
  const { code, err } = await cli(['audit', 'verify', '--checkpoint', kept], { env })
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('broken at record 3: it is missing') })
})

test.each<[string, (lines: string[]) => string[], number]>([
  ['an edit', ([a = '', b = '', ...rest]) => [a, b.replace('site-2', 'site-9'), ...rest], 2],
  ['a deletion', ([a = '', , ...rest]) => [a, ...rest], 2],
  ['the end cut off before a checkpoint', ([a = '', , , d = '']) => [a, d], 2],
  ['another order', ([a = '', b = '', ...rest]) => [b, a, ...rest], 1],
  ['an insertion', ([a = '', ...rest]) => [a, a, ...rest], 2],
  ['no JSON', ([a = '', ...rest]) => [a, 'hello', ...rest], 2],
  ['a line of something else', ([a = '', ...rest]) => [a, '{"a":1}', ...rest], 2],
  ['a name that is there twice', ([a = '', ...rest]) => [a.replace('{', '{"result":"refused",'), ...rest], 1],
  ['a field that no record has', ([a = '', ...rest]) => [a.replace('{', '{"extra":1,'), ...rest], 1],
  [
    'a checkpoint that was changed',
    (lines) =>
      lines.map((line) => line.replace('"v":1,', '"v":1,').replace(/"atMs":(\d+),"keyId"/, '"atMs":1,"keyId"')),
    3,
  ],
])('%s is found and located', async (_, change, sequence) => {
  await rewrite(change(await linesOf()))
  const { code, err } = await verify(exported, '--key', key)
  expect({ code, err }).toMatchObject({
    code: 1,
    err: expect.stringContaining(`the trail is broken at record ${sequence}:`),
  })
})

test('what nothing vouches for is no proof', async () => {
  const lines = await linesOf()
  await rewrite(lines.slice(0, 3))
  const { code, err } = await verify(exported, '--key', key)
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('code: audit_unproven') })
  expect((await verify(exported, '--key', key, '--checkpoint', kept)).code).toBe(0)
})

test('a part begins where it is said to', async () => {
  const lines = await linesOf()
  await rewrite(lines.slice(1))
  expect((await verify(exported, '--key', key)).code).toBe(1)
  const { code, out } = await verify(exported, '--key', key, '--from', '2')
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('it starts with record 2') })
})

test('another key, and files that are none, are told apart from a broken trail', async () => {
  const other = join(exported, '../other.pub')
  await writeFile(other, generateKeyPair().publicKeyPem)
  expect((await verify(exported, '--key', other)).err).toContain('which is not trusted')
  for (const words of [
    [exported, '--key', exported],
    [exported, '--key', key, '--checkpoint', key],
  ])
    expect((await verify(...words)).err).toContain('code: file_invalid')
  expect((await verify('/nowhere/a', '--key', key)).err).toContain('code: file_unreadable')
  expect((await verify(exported)).err).toContain('code: login_missing')
})

test('checkpoints are listed', async () => {
  const { out } = await cli(['audit', 'checkpoints'], { env })
  expect(out).toContain(hub.state.audit[2]?.hash)
  expect(JSON.parse((await cli(['audit', 'checkpoints', '--json'], { env })).out)).toHaveLength(1)
})

test('the trail is sent to a syslog receiver, as it was said, and to none any more', async () => {
  expect((await cli(['audit', 'syslog'], { env })).out).toMatch(
    /siem\.plant\.example.*record 2.*1 record.*ECONNREFUSED.*4 attempts/s,
  )
  await writeFile(beside('ca.pem'), 'PEM')
  const words = ['--to', '[fd00::9]:7514', '--ca', beside('ca.pem'), '--facility', '16', '--from', '1']
  expect(await cli(['audit', 'syslog', ...words], { env })).toMatchObject({ code: 0 })
  const [asked = ''] = hub.state.calls.filter((call) => call.startsWith('audit.setSyslog '))
  expect(JSON.parse(asked.slice('audit.setSyslog '.length))).toEqual({
    host: 'fd00::9',
    port: 7514,
    authorityPem: 'PEM',
    facility: 16,
    fromSequence: 1,
  })
  expect(await cli(['audit', 'syslog', '--off', '--yes'], { env })).toMatchObject({ code: 0 })
  expect(hub.state.calls).toContain('audit.removeSyslog')
  for (const wrong of [
    ['--ca', 'x'],
    ['--off', '--to', 'a'],
    ['--to', 'a:b'],
    ['--to', 'a b'],
    ['--to', 'a:0'],
  ])
    expect(await cli(['audit', 'syslog', ...wrong], { env })).toMatchObject({ code: 2 })
})

test('what a receiver has collected is verified as an export is, also where names are not in ASCII', async () => {
  await rewrite((await linesOf()).map(asciiText))
  expect(await verify(exported, '--key', key)).toMatchObject({ code: 0 })
})
