/** All programs by other people that are missing on this machine, by the Debian packages that bring them; of an example, those that it needs. */
export function missingPeers(example?: 'pump'): { debian: string }[]
