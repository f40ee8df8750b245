/**
 * TUF metadata: the roles of The Update Framework beside the signed index, so that each TUF client can fetch a catalogue
 * of a folder or web server, and detects changed, old, mixed and expired copies by itself. Hubs read only the index.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogueIndex } from '@skerry/contract/market/catalogue'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf, hexOf } from '../files/hash.ts'
import { hashFor } from '../signatures/dsse.ts'

/** The folder of the metadata in a catalogue. */
const TUF_FOLDER = 'tuf'

const SPEC_VERSION = '1.0.31'

/** The key of a publisher never changes in a folder, so its root changes only with a new catalogue. */
const ROOT_YEARS = 10
const YEAR_MS = 365 * 86_400_000

/** [securesystemslib, keytypes] By the name of the curve in OpenSSL. */
const SCHEMES: Readonly<Record<string, string>> = {
  prime256v1: 'ecdsa-sha2-nistp256',
  secp384r1: 'ecdsa-sha2-nistp384',
}

type Target = { length: number; hashes: { sha256: string } }

/**
 * Signs the blobs and the index of the folder under the number and the expiry of the index. Returns false for a key of a
 * curve that TUF lacks.
 */
export async function writeTufMetadata(
  folder: string,
  { version, expiresAtMs }: Pick<CatalogueIndex, 'version' | 'expiresAtMs'>,
  { privateKeyPem, nowMs }: { privateKeyPem: string; nowMs: number },
): Promise<boolean> {
  const key = createPrivateKey(privateKeyPem)
  const scheme = SCHEMES[key.asymmetricKeyDetails?.namedCurve ?? '']
  if (scheme === undefined) return false
  const signer = signerOf(key, scheme)
  const own = join(folder, TUF_FOLDER)
  await mkdir(own, { recursive: true })
  const place = join(own, 'root.json')
  if (!(await stat(place).catch(() => undefined))) {
    await replace(place, signer.sign(rootOf(signer, nowMs + ROOT_YEARS * YEAR_MS)))
  }
  const head = { spec_version: SPEC_VERSION, version, expires: timeOf(expiresAtMs) }
  await replace(join(own, 'targets.json'), signer.sign({ _type: 'targets', ...head, targets: await targetsOf(folder) }))
  const meta = { 'targets.json': { version } }
  const snapshot = signer.sign({ _type: 'snapshot', ...head, meta })
  await replace(join(own, 'snapshot.json'), snapshot)
  const newest = { version, length: Buffer.byteLength(snapshot), hashes: { sha256: hexOf(digestOf(snapshot)) } }
  // The timestamp is last. A client that reads in the middle may find newer files than the timestamp names. It refuses
  // them, and keeps its older ones until the next timestamp.
  await replace(
    join(own, 'timestamp.json'),
    signer.sign({ _type: 'timestamp', ...head, meta: { 'snapshot.json': newest } }),
  )
  return true
}

type Signer = { id: string; key: object; sign: (signed: object) => string }

/** [TUF 1.0.31, section 4.2] The signature covers the canonical spelling. Our texts have no escaped characters. */
function signerOf(key: KeyObject, scheme: string): Signer {
  const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
  const own = { keytype: 'ecdsa', scheme, keyval: { public: pem } }
  const id = hexOf(digestOf(canonicalJson(own)))
  return {
    id,
    key: own,
    sign: (signed) => {
      const sig = sign(hashFor(key), Buffer.from(canonicalOf(signed)), key).toString('hex')
      return JSON.stringify({ signatures: [{ keyid: id, sig }], signed })
    },
  }
}

/** [OLPC canonical JSON] Only quotes and backslashes are escaped: the line ends of a key in PEM stand as they are. */
const canonicalOf = (signed: object) => canonicalJson(signed).replaceAll('\\n', '\n')

function rootOf({ id, key }: Signer, expiresAtMs: number) {
  const role = { keyids: [id], threshold: 1 }
  return {
    _type: 'root',
    spec_version: SPEC_VERSION,
    version: 1,
    expires: timeOf(expiresAtMs),
    consistent_snapshot: false,
    keys: { [id]: key },
    roles: { root: role, targets: role, snapshot: role, timestamp: role },
  }
}

/** The name of a blob is its digest, so a changed file has another digest than the one that is signed here. */
async function targetsOf(folder: string): Promise<Record<string, Target>> {
  const index = await readFile(join(folder, 'index.json'))
  const blobs = join(folder, 'blobs', 'sha256')
  const names = (await readdir(blobs)).filter((name) => /^[0-9a-f]{64}$/.test(name))
  const targets: Record<string, Target> = {
    'index.json': { length: index.length, hashes: { sha256: hexOf(digestOf(index)) } },
  }
  for (const name of names) {
    const { size } = await stat(join(blobs, name))
    targets[`blobs/sha256/${name}`] = { length: size, hashes: { sha256: name } }
  }
  return targets
}

/** [TUF 1.0.31, section 4.2.2] Without parts of a second. */
const timeOf = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`

async function replace(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}.new`
  await writeFile(fresh, text, { flush: true })
  await rename(fresh, path)
}
