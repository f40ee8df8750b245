/** Trial state: a trial on a device while it runs, and one that the hub or the device rejected. */
import { type Problem, ProblemError } from '@skerry/client/problem'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Failure } from '../../../components/page-state.tsx'
import { BUTTON_LINK } from '../../models/button-link.ts'
import { equipmentTexts } from './english-equipment.ts'

const words = equipmentTexts.test

export const TrialNote = ({ text }: { text: string }) => (
  <p role="status" className="text-sm text-soft">
    {text}
  </p>
)

type RunningProps = { text: string; sinceMs: number; onCancel: () => void }

export function TrialRunning({ text, sinceMs, onCancel }: RunningProps) {
  return (
    <div className="flex flex-wrap items-center gap-3 text-sm">
      <p role="status" className="min-w-0 wrap-anywhere">
        {text}
      </p>
      <Waited sinceMs={sinceMs} />
      <Button isSmall onClick={onCancel}>
        {words.cancel}
      </Button>
    </div>
  )
}

/** The seconds are outside of the live region, because a screen reader should not announce each one. */
function Waited({ sinceMs }: { sinceMs: number }) {
  const [nowMs, setNowMs] = useState(sinceMs)
  useEffect(() => {
    const timer = window.setInterval(() => setNowMs(Date.now()), 1_000)
    return () => window.clearInterval(timer)
  }, [])
  return <span className="text-soft tabular">{words.waited(Math.floor((nowMs - sinceMs) / 1_000))}</span>
}

/** A trial that needs a second person starts again by the same button, after somebody has approved it. */
export function TrialFailed({ problem }: { problem: Problem }) {
  return (
    <div className="flex flex-col items-center">
      <Failure error={new ProblemError(problem)} />
      {problem.code === 'approval_needed' && (
        <Link to="/approvals" search={{}} className={BUTTON_LINK.plain}>
          {words.approvals}
        </Link>
      )}
    </div>
  )
}
