/** Sealed key: the form of a device's key on its disk, if a TPM seals it. */
import * as z from 'zod'

/** The sealed object of a TPM, which is useless without that TPM. */
const SealedObject = z.strictObject({
  /** Numbers in the bank of SHA-256. If it is empty, any state of the machine is accepted. */
  pcrs: z.array(z.int().min(0).max(23)),
  public: z.base64(),
  private: z.base64(),
})
export type SealedObject = z.infer<typeof SealedObject>

/** `box`: the PEM, encrypted with the key that is sealed in `object`. */
export const SealedKey = z.strictObject({ v: z.literal(1), object: SealedObject, box: z.base64() })
