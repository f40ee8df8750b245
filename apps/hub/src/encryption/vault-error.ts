/** The key of a ciphertext is not to be had, or it was changed. */
export class VaultError extends Error {}
