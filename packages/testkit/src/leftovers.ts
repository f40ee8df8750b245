/**
 * Leftovers: the processes and folders of a test file, which go when the file ends. Files of one worker share this module, so a setup file of
 * vitest removes them (test/whole-setup.ts): a hook beside a helper would only run for the first file that imports the helper.
 */
const leftovers: (() => Promise<void>)[] = []

/** The newest goes first. */
export const removeAtEnd = (remove: () => Promise<void>): void => void leftovers.push(remove)

export async function removeLeftovers(): Promise<void> {
  for (const remove of leftovers.splice(0).reverse()) await remove()
}
