/** Sealed key: the form in which a device's key lies on its disk where a TPM seals it. */
import * as z from 'zod'

/** What a TPM has sealed: worth nothing without it. */
const SealedObject = z.strictObject({
  /** Of the bank of SHA-256; none where empty: then any state of the machine will do. */
  pcrs: z.array(z.int().min(0).max(23)),
  public: z.base64(),
  private: z.base64(),
})
export type SealedObject = z.infer<typeof SealedObject>

/** `box`: the PEM under the key that is sealed in `object`. */
export const SealedKey = z.strictObject({ v: z.literal(1), object: SealedObject, box: z.base64() })
