/** SWUpdate settings: a file of the integrator that describes the two slots of a device and its boot loader. */

import { parseJson } from '@skerry/core/values/parse-json'
import { readIfPresent } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'
import { type Refused, refuse } from '../slots/slot-tool.ts'

const Path = z.string().startsWith('/').max(4_096)

/** [SWUpdate, `-e`] A set of the description, and a mode of it. */
const Select = z.string().regex(/^[\w.-]+,[\w.-]+$/, { error: 'must be SET,MODE such as stable,a' })

const SlotSettings = z.strictObject({
  select: Select,
  /** The machine runs the slot if its kernel was started with this word. */
  kernelWord: z.string().regex(/^\S{1,256}$/, { error: 'must be one word, such as root=/dev/mmcblk0p2' }),
})

const Variable = z.string().regex(/^\w{1,64}$/, { error: 'must be letters, digits and _' })

const Values = z.record(Variable, z.string().regex(/^[\w.,:/ -]{0,256}$/))

const SwupdateSettings = z.strictObject({
  /** [SWUpdate, `-H`] */
  hardware: z.string().regex(/^[\w.-]{1,64}:[\w.-]{1,64}$/, { error: 'must be BOARD:REVISION' }),
  /** The certificate of the maker. SWUpdate installs no image without it. */
  certificate: Path,
  /** [SWUpdate, `-f`] */
  configuration: Path.optional(),
  slots: z.strictObject({ a: SlotSettings, b: SlotSettings }),
  environment: z.strictObject({
    /** u-boot: `file` is the configuration of fw_setenv. grub: it is the environment block. */
    kind: z.enum(['u-boot', 'grub']),
    file: Path,
    /** The boot loader starts the slot that this variable names: a or b. */
    slotVariable: Variable.default('skerry_slot'),
    /** The boot loader returns to the other slot by itself while these are set. */
    trial: Values,
    /** The boot loader keeps the slot. */
    good: Values,
  }),
})
export type SwupdateSettings = z.infer<typeof SwupdateSettings>

export type SlotKey = keyof SwupdateSettings['slots']

/** Read for each order, so that a corrected file needs no restart of the agent. */
export async function readSwupdateSettings(fileSystem: FileSystem, path: string): Promise<SwupdateSettings | Refused> {
  const bytes = await readIfPresent(fileSystem, path)
  if (!bytes) return refuse('os_settings_invalid', `${path} does not exist: describe the slots of the device in it`)
  const read = SwupdateSettings.safeParse(parseJson(Buffer.from(bytes).toString('utf8')))
  if (read.success) return read.data
  const [issue] = read.error.issues
  return refuse('os_settings_invalid', `${path}, ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}
