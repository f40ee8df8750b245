import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { judgeChain } from './authority-chain.ts'
import { requestAuthority } from './certificate-authority.ts'

const folder = mkdtempSync(join(tmpdir(), 'skerry-chain-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })

const CA = 'basicConstraints=critical,CA:TRUE'
const keyWords = { rsa: ['rsa:2048'], p384: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'] }

/** A customer's root, made by OpenSSL. */
function makeRoot(name: string, kind: keyof typeof keyWords, constraint = CA): string {
  const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]
  const usage = ['-addext', constraint, '-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  openssl(
    'req',
    '-x509',
    '-nodes',
    '-days',
    '3650',
    '-subj',
    `/CN=${name}`,
    '-newkey',
    ...keyWords[kind],
    ...files,
    ...usage,
  )
  return readFileSync(at(`${name}.pem`), 'utf8')
}

type Wish = { root: string; days?: number; extensions?: string }

/** What the root makes of a request. */
function sign(requestPem: string, { root, days = 1_000, extensions }: Wish): string {
  writeFileSync(at('r.csr'), requestPem)
  writeFileSync(at('r.ext'), extensions ?? `${CA},pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n`)
  const by = ['-CA', at(`${root}.pem`), '-CAkey', at(`${root}.key`), '-CAcreateserial', '-days', String(days)]
  openssl('x509', '-req', '-in', 'r.csr', '-out', 'r.pem', '-extfile', 'r.ext', ...by)
  return readFileSync(at('r.pem'), 'utf8')
}

const judge = (text: string, privateKeyPem: string) =>
  judgeChain(text, { privateKeyPem, nowMs: Date.now(), handshakeMs: 10_000 })

test.each(['rsa', 'p384'] as const)(
  'a root with a key of %s makes ours an authority, in whatever order they come',
  async (kind) => {
    const root = makeRoot(`root-${kind}`, kind)
    const { requestPem, privateKeyPem } = await requestAuthority('Plant hub')
    const own = sign(requestPem, { root: `root-${kind}` })
    const other = makeRoot('unrelated', 'p384')
    const verdict = await judge(other + root + own, privateKeyPem)
    expect(verdict).toEqual({ ok: true, chain: [own, root] })
  },
)

test('an authority between the root and ours is followed', async () => {
  const root = makeRoot('top', 'p384')
  const between = await requestAuthority('Plant')
  const betweenPem = sign(between.requestPem, {
    root: 'top',
    extensions: `${CA},pathlen:1\nkeyUsage=critical,keyCertSign\n`,
  })
  writeFileSync(at('between.pem'), betweenPem)
  writeFileSync(at('between.key'), between.privateKeyPem)
  const { requestPem, privateKeyPem } = await requestAuthority('Plant hub')
  const own = sign(requestPem, { root: 'between' })
  expect(await judge(own + betweenPem + root, privateKeyPem)).toMatchObject({ ok: true, chain: { length: 3 } })
  expect(await judge(own + root, privateKeyPem)).toMatchObject({
    ok: false,
    message: expect.stringContaining('CN=Plant is missing'),
  })
})

test.each<[string, Partial<Wish> & { constraint?: string }, string]>([
  ['no authority', { extensions: 'basicConstraints=critical,CA:FALSE\n' }, 'is not an authority'],
  ['one that may not sign', { extensions: `${CA}\nkeyUsage=critical,digitalSignature\n` }, 'keyCertSign'],
  ['one that ends soon', { days: 10 }, 'less than 30 days'],
  ['one whose root allows none below', { constraint: `${CA},pathlen:0` }, 'allows 0 authorities below it, and has 1'],
  [
    'one for other names',
    { extensions: `${CA}\nkeyUsage=critical,keyCertSign\nnameConstraints=critical,permitted;DNS:elsewhere.example\n` },
    'OpenSSL',
  ],
  [
    'one for other purposes',
    { extensions: `${CA}\nkeyUsage=critical,keyCertSign\nextendedKeyUsage=emailProtection\n` },
    'OpenSSL',
  ],
])('%s is refused, and why is said', async (_, { constraint, ...wish }, words) => {
  const root = makeRoot('judged', 'p384', constraint)
  const { requestPem, privateKeyPem } = await requestAuthority('Plant hub')
  const verdict = await judge(sign(requestPem, { root: 'judged', ...wish }) + root, privateKeyPem)
  expect(verdict).toMatchObject({ ok: false, message: expect.stringContaining(words) })
})

test('a certificate for another key, and a text without any, are refused', async () => {
  const root = makeRoot('plain', 'p384')
  const one = await requestAuthority('One')
  const other = await requestAuthority('Other')
  const own = sign(one.requestPem, { root: 'plain' })
  expect(await judge(own + root, other.privateKeyPem)).toMatchObject({
    ok: false,
    message: expect.stringContaining('check that this request was signed'),
  })
  expect(await judge('nothing', one.privateKeyPem)).toMatchObject({ ok: false })
})

test.each(['Plant hub', '#', '# ', '#abcd', '"a"', '\\0a', 'a, O=b', 'a+CN=b', ' x ', '=', '""'])(
  'a request for the name %j names exactly that',
  async (name) => {
    const { requestPem } = await requestAuthority(name)
    writeFileSync(at('named.csr'), requestPem)
    const format = ['-nameopt', 'sep_multiline,utf8,lname']
    const subject = openssl('req', '-in', 'named.csr', '-noout', '-verify', '-subject', ...format).toString()
    expect(subject.split('\n').filter((line) => line.startsWith('    '))).toEqual([`    commonName=${name}`])
  },
)
