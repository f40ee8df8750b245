/** Write outcome: what a tag was, what was written, and what it says since. */
import { TagName, type TagValue } from '@skerry/contract/sources/tag'
import { CircleCheck } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Facts } from '../../../components/card.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { pause } from '../../../hub/use-watch.ts'
import { liveSourceTexts } from './english-live-source.ts'
import { contentText, type LiveRow } from './live-rows.ts'
import type { Done } from './write-dialog.tsx'

const words = liveSourceTexts.write

type OutcomeProps = { done: Done; row: LiveRow; source: string; device: string; onClose: () => void }

export function WriteOutcome({ done, row, source, device, onClose }: OutcomeProps) {
  const after = useAfter({ done, row, source, device })
  const verify = row.write?.verify ?? true
  return (
    <>
      <Facts
        rows={[
          [words.before, done.before ? textOf(done.before, row.unit) : words.unknownBefore],
          [words.written, withUnit(contentText(done.value), row.unit)],
          [words.after, after ? textOf(after, row.unit) : words.reading],
        ]}
      />
      <p role="status" className="flex items-start gap-2 text-sm">
        <CircleCheck size={16} className="mt-0.5 shrink-0 text-good" aria-hidden />
        {verify ? words.confirmed : words.sent}
      </p>
      <div className="flex justify-end">
        <Button look="primary" onClick={onClose}>
          {words.close}
        </Button>
      </div>
    </>
  )
}

const withUnit = (text: string, unit: string | undefined) => (unit === undefined ? text : `${text} ${unit}`)

const textOf = (value: TagValue, unit: string | undefined) =>
  value.quality === 'bad' ? value.cause.message : withUnit(contentText(value.value), unit)

const EVERY_MS = 500
/** A tag that is read seldom, or told only where it moves, is not waited for any longer: then it is what the device had. */
const WAIT_MAX_MS = 10_000

/** The tag's newest value that the device read after the write, or the newest that it has. */
function useAfter({ done, row, source, device }: Omit<OutcomeProps, 'onClose'>): TagValue | undefined {
  const [after, setAfter] = useState<TagValue>()
  const { name } = row
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const run = async () => {
      for (let waitedMs = 0; !signal.aborted; waitedMs += EVERY_MS) {
        const { readings } = await hub.source.read({ device, source, tags: [TagName.parse(name)] }, { signal })
        const [reading] = readings
        const isNew = reading && reading.value.receivedTimeMs > (done.before?.receivedTimeMs ?? 0)
        if (reading && (isNew || waitedMs >= WAIT_MAX_MS)) return setAfter(reading.value)
        if (waitedMs >= WAIT_MAX_MS) return
        await pause(EVERY_MS, signal)
      }
    }
    // The write is done; that nobody can look now takes nothing from it.
    run().catch(() => undefined)
    return () => controller.abort()
  }, [device, source, name, done])
  return after
}
