/** Image result: the finished file, its digest, its signature and its list of packages. */
import { createPrivateKey, randomUUID, sign } from 'node:crypto'
import { link, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { imageSbom } from '@skerry/core/os/image/image-packages'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOfFile, hexOf } from '@skerry/platform/files/hash'
import { fail } from '../../../program/failure.ts'
import type { Session } from '../../../program/session.ts'
import type { RootSystem } from './root-system.ts'

export type ImageResult = { file: string; sha256: string; sizeBytes: number; packages: number; sbom: string }

export type ResultWish = {
  made: string
  out: string
  root: RootSystem
  about: { name: string; version: string }
  /** Path of a private key in PEM that signs the digest. */
  signKey: string | undefined
}

/** The small files first: a result without its digest would look finished. */
export async function keepResult(wish: ResultWish, session: Session): Promise<ImageResult> {
  const { made, out, root, about, signKey } = wish
  const { digest } = await digestOfFile(nodeFileSystem, made, session.signal)
  const sha256 = hexOf(digest)
  const timestamp = new Date(session.io.nowMs()).toISOString()
  const facts = { ...about, packages: root.packages, release: root.release, uuid: randomUUID(), timestamp, sha256 }
  const sums = `${sha256}  ${basename(out)}\n`
  const signature = signKey === undefined ? undefined : await signatureOf(signKey, sums)
  await writeNew(`${out}.sha256`, sums)
  if (signature) await writeNew(`${out}.sha256.sig`, signature)
  await writeNew(`${out}.sbom.json`, `${JSON.stringify(imageSbom(facts), null, 2)}\n`)
  // A link, and not a renaming, because a renaming would replace a file that somebody made in the meantime.
  await link(made, out).catch((cause: unknown) => {
    throw fail('file_unwritable', `${out} cannot be written`, { cause })
  })
  await rm(made)
  await using folder = await open(dirname(out))
  await folder.sync()
  const { size } = await stat(out)
  return { file: out, sha256, sizeBytes: size, packages: root.packages.length, sbom: `${out}.sbom.json` }
}

/** The digest of an earlier image stays. */
const writeNew = (path: string, content: string | Buffer): Promise<void> =>
  writeFile(path, content, { flag: 'wx' }).catch((cause: unknown) => {
    throw fail('file_unwritable', `${path} cannot be written`, { cause })
  })

/** [openssl-dgst(1)] `openssl dgst -sha256 -verify KEY.pub -signature FILE.sha256.sig FILE.sha256` verifies it. */
async function signatureOf(path: string, text: string): Promise<Buffer> {
  try {
    const key = createPrivateKey(await readFile(path))
    return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from(text), key)
  } catch (cause) {
    throw fail('file_invalid', `${path} is no private key in PEM that can sign`, { cause })
  }
}
