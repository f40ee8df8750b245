/**
 * Pair end: when the hub may end a pair. After the end, a member acts on its own. A device without a connection to the
 * hub does not learn of the end and stays in the pair, so that it could act beside the others. A person must confirm
 * that it is off.
 */
export type EndFacts = { device: string; isConnected: boolean }

/** The devices that may still be at work in the pair, and that nobody has confirmed to be off. */
export const unsureDevices = (devices: readonly EndFacts[], off: ReadonlySet<string>): string[] =>
  devices.filter(({ device, isConnected }) => !isConnected && !off.has(device)).map(({ device }) => device)
