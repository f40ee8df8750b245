/** Rauc slots: the two systems of the device, as RAUC and the boot loader report them. */
import type { Slot } from '@skerry/core/os/slot-step'
import { parseJson } from '@skerry/core/values/parse-json'
import * as z from 'zod'
import { AGAIN_MS, failureOf, type Refused, refuse } from '../slots/slot-tool.ts'
import type { Rauc } from './rauc-tool.ts'

const SlotStatus = z.object({
  bundle: z.object({ version: z.string().nullish(), hash: z.string().nullish() }).optional(),
  checksum: z.object({ sha256: z.string().nullish() }).optional(),
  /** `ok` after the slot was written as a whole. */
  status: z.string().nullish(),
})

/** [RAUC 1.13, `rauc status --detailed --output-format=json`] */
const Status = z.object({
  slots: z.array(
    z.record(
      z.string(),
      z.object({
        bootname: z.string().nullish(),
        state: z.string(),
        boot_status: z.string().nullish(),
        slot_status: SlotStatus.optional(),
      }),
    ),
  ),
})

/** The version that is written, and the version before. A third system, such as one for rescue, must not be touched. */
const SLOTS = 2

export async function readRaucSlots(rauc: Rauc, signal: AbortSignal): Promise<Slot[] | Refused> {
  const ran = await rauc(['status', '--detailed', '--output-format=json'], signal)
  if (!ran.ok) return { ...failureOf('os_slots_unknown', ran), waitMs: AGAIN_MS }
  const status = Status.safeParse(parseJson(ran.text))
  if (!status.success)
    return refuse('os_slots_unknown', 'the answer of rauc status cannot be read; it must be RAUC 1.11 or newer')
  const slots = status.data.slots.flatMap((each) =>
    Object.entries(each).flatMap(([name, { bootname, state, boot_status: boot, slot_status: about }]) =>
      bootname
        ? [{ name, bootName: bootname, isBooted: state === 'booted', isGood: boot === 'good', ...writtenIn(about) }]
        : [],
    ),
  )
  if (slots.length === SLOTS) return slots
  const message = `the device has ${slots.length} slots that boot, and this agent updates devices with ${SLOTS} only`
  return refuse('os_slots_unknown', message)
}

/** The version stays the one from before while RAUC writes. */
const writtenIn = (about: z.infer<typeof SlotStatus> | undefined) => ({
  version: about?.bundle?.version ?? undefined,
  mark: about?.status === 'ok' ? (about.bundle?.hash ?? about.checksum?.sha256 ?? undefined) : undefined,
})
