/** Bulk dialog: asks, does it to one device after another, shows how far it is, and names those that failed. */
import type { Device } from '@skerry/contract/devices/device'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { toast } from '../../components/toasts.tsx'
import { texts } from '../../texts/english.ts'
import { type BulkState, runBulk } from './bulk-run.ts'
import { devicesWords as words } from './english-devices.ts'

type BulkProps = {
  title: string
  lead: string
  verb: string
  rows: readonly Device[]
  /** Undefined where the question is not answered yet. */
  work: ((device: Device, signal: AbortSignal) => Promise<unknown>) | undefined
  done: (count: number) => string
  onClose: () => void
  /** What is asked first. */
  children?: ReactNode
}

/** Shown while it is in the page. Closing it stops what has not begun. */
export function BulkDialog({ title, lead, verb, rows, work, done, onClose, children }: BulkProps) {
  const { state, run, stop } = useBulk(work, done, onClose)
  const isRunning = state !== undefined && !state.isOver
  const failed = state?.isOver ? state.failed.map(({ row }) => row) : []
  const close = () => {
    stop()
    onClose()
  }
  return (
    <Dialog
      isOpen
      onClose={close}
      title={title}
      lead={lead}
      footer={
        <>
          <Button onClick={isRunning ? stop : close}>{isRunning ? words.stop : texts.common.close}</Button>
          {state === undefined && (
            <Button
              look="primary"
              blocked={work === undefined ? words.labelInvalid : undefined}
              onClick={() => void run(rows)}
            >
              {verb}
            </Button>
          )}
          {failed.length > 0 && (
            <Button look="primary" onClick={() => void run(failed)}>
              {words.again}
            </Button>
          )}
        </>
      }
    >
      {state === undefined ? children : <Progress state={state} />}
    </Dialog>
  )
}

function useBulk(work: BulkProps['work'], done: BulkProps['done'], onClose: () => void) {
  const [state, setState] = useState<BulkState<Device>>()
  const controller = useRef<AbortController>(undefined)
  useEffect(() => () => controller.current?.abort(), [])
  const run = async (rows: readonly Device[]) => {
    if (!work) return
    controller.current = new AbortController()
    const { signal } = controller.current
    let last: BulkState<Device> | undefined
    const onState = (next: BulkState<Device>) => {
      last = next
      setState(next)
    }
    await runBulk({ rows, work, onState }, signal)
    if (last === undefined || last.failed.length > 0 || signal.aborted) return
    toast('good', done(last.done))
    onClose()
  }
  return { state, run, stop: () => controller.current?.abort() }
}

function Progress({ state: { done, total, failed, isOver } }: { state: BulkState<Device> }) {
  const left = total - done - failed.length
  return (
    <div className="flex flex-col gap-3 text-sm">
      <progress
        className="h-2 w-full accent-accent"
        aria-label={words.progress(done, total)}
        max={total}
        value={done}
      />
      <p role="status" className="text-soft tabular">
        {words.progress(done, total)} {isOver && left > 0 && words.stopped(left)}
      </p>
      {failed.length > 0 && (
        <div>
          <p className="font-medium text-bad">{words.failures(failed.length)}</p>
          <ul className="mt-1 max-h-48 overflow-y-auto">
            {failed.map(({ row, message }) => (
              <li key={row.id} className="wrap-anywhere">
                <span className="font-medium">{row.name}</span> <span className="text-soft">{message}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}
