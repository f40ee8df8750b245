/**
 * Unreadable file: the browser could not read a file to its end, because it was changed, moved or removed. Or the
 * browser could not start the thread.
 */
export class UnreadableFile extends Error {}
