/**
 * Source proof: the protocols that were not tested against equipment by other people. It is a file of its own, so that
 * a list can show this without loading a protocol.
 */

/** Run only against test peers of our own, for want of others: our tests may share an error with the code. */
export const UNPROVEN: readonly string[] = ['bacnet', 'can', 'ethernet-ip']
