/** Source proof: which protocols were held against nothing by other people. A file of its own, so that a list needs to know no protocol to say so. */

/** Run only against test peers of our own, for want of others: our tests may share an error with the code. */
export const UNPROVEN: readonly string[] = ['bacnet', 'can', 'ethernet-ip']
