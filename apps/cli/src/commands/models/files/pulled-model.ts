/** Pulled model: a folder with the files of one version and their signature, as "skerry model pull" writes it. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { ModelStatement, SigstoreBundle } from '@skerry/contract/models/signature'
import { parseJson } from '@skerry/core/values/parse-json'
import { digestOfStream } from '@skerry/platform/files/hash'
import type { SignedResource } from '@skerry/platform/signatures/model-signature'
import { fail } from '../../../program/failure.ts'
import { readText, unreadable } from '../../../program/input-file.ts'

/**
 * [github.com/sigstore/model-transparency, README] The file name that its tools look for, and exclude from the signed
 * files.
 */
export const SIGNATURE_FILE = 'model.sig'

/** More files than a version may have, so a folder with more is no version. */
const FILES_MAX = 2_000

/**
 * The signature in the folder, and the name that it gives to the files. The name can be trusted only after the
 * signature is verified.
 */
export async function readBundle(folder: string): Promise<{ bundle: SigstoreBundle; name: string }> {
  const path = join(folder, SIGNATURE_FILE)
  const bundle = SigstoreBundle.safeParse(parseJson(await readText(path)))
  if (!bundle.success) throw fail('file_invalid', `${path} is not a model signature by a key`)
  const payload = Buffer.from(bundle.data.dsseEnvelope.payload, 'base64').toString('utf8')
  const statement = ModelStatement.safeParse(parseJson(payload))
  const name = statement.data?.subject[0]?.name
  if (name === undefined) throw fail('file_invalid', `${path} is not a statement of OpenSSF Model Signing v1.0`)
  return { bundle: bundle.data, name }
}

/** Hashes every file in the folder except the signature. It rejects a link, because a link could point anywhere. */
export async function hashFolder(folder: string, signal: AbortSignal): Promise<SignedResource[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause)
  })
  const files = entries.filter((entry) => !entry.isDirectory())
  if (files.length > FILES_MAX)
    throw fail('file_invalid', `${folder} has ${files.length} files, so it is not a version of a model`)
  const resources: SignedResource[] = []
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path).split(sep).join('/')
    if (name === SIGNATURE_FILE) continue
    if (!entry.isFile()) throw fail('file_invalid', `${path} is not a plain file`)
    const { digest } = await digestOfStream(createReadStream(path, { signal }), signal)
    resources.push({ path: name, digest })
  }
  return resources
}
