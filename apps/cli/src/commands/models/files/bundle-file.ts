/** Bundle file: a signature by somebody else, as the file `model.sig`. */
import { SigstoreBundle } from '@skerry/contract/models/signature'
import { parseJson } from '@skerry/core/values/parse-json'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'

/** Throws if the file is no signature by a key. */
export async function readSignature(path: string): Promise<SigstoreBundle> {
  const bundle = SigstoreBundle.safeParse(parseJson(await readText(path)))
  if (!bundle.success) throw fail('file_invalid', `${path} is not a model signature by a key (Sigstore bundle v0.3)`)
  return bundle.data
}
