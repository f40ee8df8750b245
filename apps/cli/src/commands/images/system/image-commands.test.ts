import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cli, openTestFolder, type TestFolder } from '../../../../test/stage/cli.ts'
import { makeBundle } from './bundle.ts'
import { missingPackages, runProgram } from './image-program.ts'
import { keepResult } from './image-result.ts'
import { joinText } from './join-text.ts'

const CONTENT = {
  v: 1,
  hub: 'https://hub.example:8443',
  ca: 'a'.repeat(64),
  signer: 'b'.repeat(64),
  secret: 'c'.repeat(43),
}
const tokenOf = (content: object) => `skj_${Buffer.from(JSON.stringify(content)).toString('base64url')}`
const contentOf = (token: string) => JSON.parse(Buffer.from(token.slice(4), 'base64url').toString())

let folder: TestFolder
const at = (name: string) => join(folder.path, name)
beforeEach(async () => {
  folder = await openTestFolder()
  await writeFile(at('token'), `${tokenOf(CONTENT)}\n`)
})
afterEach(() => folder[Symbol.asyncDispose]())

const words = (...more: string[]) => [
  ...['image', 'build', '--out', at('plant.img'), '--agent', at('agent.deb'), '--keyring', at('maker.pem')],
  ...['--compatible', 'plant', '--token-file', at('token'), ...more],
]

test('a dry run prints the partitions and the packages, and makes nothing', async () => {
  const { code, out, err } = await cli([...words('--package', 'nftables', '--dry-run'), '--json'])
  expect(code, err).toBe(0)
  const plan = JSON.parse(out)
  expect(plan.partitions.map(({ name }: { name: string }) => name)).toEqual([
    'skerry-efi',
    'skerry-a',
    'skerry-b',
    'skerry-data',
  ])
  expect(plan.packages).toEqual(expect.arrayContaining(['linux-image-amd64', 'nftables', 'rauc', 'shim-signed']))
  expect(await readdir(folder.path)).toEqual(['token'])
})

test.each([
  [['--size', '2GiB'], 'need an image of at least'],
  [['--package', 'x; reboot'], 'must be the name of a Debian package'],
  [['--agent-options', 'a\nExecStartPre=/bin/x'], 'must be one line'],
  [['--hub', 'no address'], '--hub'],
])('%j is rejected before anything is made', async (more, message) => {
  const { code, err } = await cli([...words(...more), '--dry-run'])
  expect([code, err]).toEqual([2, expect.stringContaining(message)])
})

test('an existing image is never overwritten', async () => {
  await writeFile(at('plant.img'), 'old')
  const { code, err } = await cli(words())
  expect([code, err]).toEqual([1, expect.stringContaining('exists')])
  expect(await readFile(at('plant.img'), 'utf8')).toBe('old')
})

test.each(['sha256', 'sha256.sig', 'sbom.json'])('the %s of an earlier image is never overwritten', async (end) => {
  await writeFile(at(`plant.img.${end}`), 'old')
  const { code, err } = await cli(words())
  expect([code, err]).toEqual([1, expect.stringContaining(`plant.img.${end} exists`)])
})

test('a computer without the programs is told their packages', async () => {
  const env = { PATH: folder.path }
  for (const name of ['sfdisk', 'mkfs.vfat', 'mke2fs', 'mcopy']) {
    await writeFile(at(name), '')
    await chmod(at(name), 0o755)
  }
  expect(await missingPackages(['sfdisk', 'mkfs.vfat', 'no-such-program'], env)).toEqual(['no-such-program'])
})

test('the address of the hub is replaced, and the fingerprints of the token stay', async () => {
  const token = await joinText({ token: tokenOf(CONTENT), tokenFile: undefined, hub: 'https://10.0.0.1:8443' })
  expect(contentOf(token)).toEqual({ ...CONTENT, hub: 'https://10.0.0.1:8443' })
  await expect(joinText({ token: 'skj_broken', tokenFile: undefined, hub: undefined })).rejects.toMatchObject({
    code: 'file_invalid',
  })
  await expect(joinText({ token: undefined, tokenFile: undefined, hub: undefined })).rejects.toMatchObject({
    code: 'usage_wrong',
  })
})

test('a program that fails gives its last errors, and one that hangs ends with the signal', async () => {
  const env = { PATH: process.env.PATH }
  const failing = { program: 'sh', words: ['-c', 'echo why >&2; exit 3'] }
  await expect(runProgram(failing, env, AbortSignal.timeout(30_000))).rejects.toMatchObject({
    code: 'image_failed',
    message: expect.stringContaining('why'),
  })
  const stop = new AbortController()
  const hanging = runProgram({ program: 'sleep', words: ['600'], onLine: () => {} }, env, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(hanging).rejects.toThrow('stopped')
  expect(await runProgram({ program: 'cat', words: [], input: 'text' }, env, AbortSignal.timeout(30_000))).toBe('text')
})

test('the result has a digest with a signature that openssl can verify, and a list of packages', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  await writeFile(at('sign.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await writeFile(at('made'), 'an image')
  const one = { name: 'rauc', version: '1.13-3', architecture: 'amd64', source: 'rauc', sourceVersion: '1.13-3' }
  const root = { folder: folder.path, packages: [one], release: '13' }
  const wish = { made: at('made'), out: at('plant.img'), root, about: { name: 'plant', version: '1' } }
  const session = { signal: AbortSignal.timeout(30_000), io: { nowMs: () => 0 } } as never
  const result = await keepResult({ ...wish, signKey: at('sign.key') }, session)
  expect(result).toMatchObject({ packages: 1, sizeBytes: 8 })
  const sums = await readFile(at('plant.img.sha256'))
  expect(sums.toString()).toBe(`${result.sha256}  plant.img\n`)
  const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))
  expect(verify(null, sums, key, await readFile(at('plant.img.sha256.sig')))).toBe(true)
  expect(JSON.parse(await readFile(at('plant.img.sbom.json'), 'utf8')).components[0].purl).toContain(
    'pkg:deb/debian/rauc@1.13-3',
  )
  expect((await stat(at('plant.img'))).size).toBe(8)
  await writeFile(at('made'), 'another one')
  await expect(keepResult({ ...wish, signKey: undefined }, session)).rejects.toThrow('cannot be written')
  expect(await readFile(at('plant.img.sha256'))).toEqual(sums)
})

const canBundle = (await missingPackages(['rauc', 'mksquashfs', 'mke2fs', 'openssl'], process.env)).length === 0

test.skipIf(!canBundle)('a bundle has the facts of its command, and a key of another maker makes none', async () => {
  for (const name of ['maker', 'stranger']) {
    const made = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), '-subj', `/CN=${name}`, '-days', '30']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...made], { stdio: 'ignore' })
  }
  await mkdir(at('root'))
  await writeFile(at('root/hello'), 'a system')
  const session = { signal: AbortSignal.timeout(120_000), io: { env: { PATH: process.env.PATH } } } as never
  const bundle = async (work: string, maker: string) => {
    await mkdir(at(work))
    const signing = { cert: at(`${maker}.pem`), key: at(`${maker}.key`), keyring: at('maker.pem') }
    return makeBundle(at(work), { folder: at('root') }, { version: '2.0', compatible: 'plant', ...signing }, session)
  }
  const made = await bundle('own', 'maker')
  const info = execFileSync('rauc', [`--keyring=${at('maker.pem')}`, 'info', '--output-format=json', made])
  expect(JSON.parse(info.toString())).toMatchObject({ compatible: 'plant', version: '2.0', format: 'verity' })
  await expect(bundle('other', 'stranger')).rejects.toMatchObject({ code: 'image_failed' })
})
