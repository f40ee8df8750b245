/** Private key: a key of a person or of a pipeline, from a file that stays on this machine. */
import { keyPairOf } from '@skerry/platform/certificates/private-key'
import { fail } from '../../program/failure.ts'

/** The key pair in the text of the file. */
export function keyIn(path: string, text: string) {
  try {
    return keyPairOf(text)
  } catch (cause) {
    throw fail('file_invalid', `${path} is not a private key in PEM without a password`, { cause })
  }
}
