/** Unreadable file: says that a file could not be read through: it was changed, moved or taken away, or the browser could not start the thread. */
export class UnreadableFile extends Error {}
