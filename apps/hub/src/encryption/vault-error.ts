/** Thrown if the key of a ciphertext is missing, or the ciphertext was changed. */
export class VaultError extends Error {}
