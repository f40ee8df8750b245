/** All programs by other people that are missing on this machine, by the Debian packages that bring them; with the name of an example or a benchmark, those that it needs. */
export function missingPeers(name?: string): { debian: string }[]
