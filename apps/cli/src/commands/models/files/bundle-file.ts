/** Bundle file: a signature that somebody else has made, as the file `model.sig`. */
import { parseJson } from '@skerry/client/connection'
import { SigstoreBundle } from '@skerry/contract/models/signature'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'

/** Throws where it is none by a key. */
export async function readSignature(path: string): Promise<SigstoreBundle> {
  const bundle = SigstoreBundle.safeParse(parseJson(await readText(path)))
  if (!bundle.success) throw fail('file_invalid', `${path} is not a model signature by a key (Sigstore bundle v0.3)`)
  return bundle.data
}
