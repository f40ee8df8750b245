/** Source proof: which protocols were held against nothing by other people. A file of its own, so that a list needs to know no protocol to say so. */

/** Run against peers of our own alone, for want of others: what of it is wrong our tests may share. */
export const UNPROVEN: readonly string[] = ['bacnet', 'can', 'ethernet-ip']
