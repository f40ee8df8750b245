/** Browse entry: one place in the tree that equipment has of its own, as it says it. */
import * as z from 'zod'

/** [MQTT 5, 1.5.4] The longest topic; names of OPC UA are shorter. */
export const BROWSE_PATH_MAX = 65_535

/** More than anybody reads through; who wants to know what comes after them says so. */
export const BROWSE_ENTRIES_MAX = 1_000

/** What is longer is cut, and its path still names it. */
export const BROWSE_LABEL_MAX = 500

export const BrowseEntry = z.strictObject({
  path: z.string().max(BROWSE_PATH_MAX),
  label: z.string().max(BROWSE_LABEL_MAX),
  isFolder: z.boolean(),
  /** How a tag there is written down, without its name. A place may be both: a tag, and above others. */
  tag: z.record(z.string(), z.unknown()).optional(),
})
export type BrowseEntry = z.infer<typeof BrowseEntry>
