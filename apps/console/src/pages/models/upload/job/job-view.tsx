/** Job view: a running upload: its progress, its problems, and its result. */
import { CircleCheck, CircleX, Hourglass, LoaderCircle } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import { Button } from '../../../../components/button.tsx'
import { Card } from '../../../../components/card.tsx'
import { sizeText, timeLeftText } from '../../../../components/charts/amounts.ts'
import { Confirmation } from '../../../../components/dialogs/confirmation.tsx'
import { pushAdvice, uploadTexts as words } from '../english-upload.ts'
import { LeaveGuard } from '../leave-guard.tsx'
import { JobOutcome } from './job-outcome.tsx'
import { ProgressBar } from './progress-bar.tsx'
import type { FileState, JobState, UploadJob } from './upload-job.ts'

type JobViewProps = {
  job: UploadJob
  onAgain: () => void
  /** The last phase of the hub, for other files than those of a model. */
  checking?: string
}

/** The cards of the job. */
export function JobView({ job, onAgain, checking = words.phases.checking }: JobViewProps) {
  const state = useSyncExternalStore(job.subscribe, job.getState)
  const isUnderWay = state.phase !== 'done' && state.phase !== 'refused'
  if (state.phase === 'done' && state.reply) return <JobOutcome reply={state.reply} onAgain={onAgain} />
  return (
    <>
      {isUnderWay && <LeaveGuard />}
      <Card
        title={state.isPaused ? words.paused : { ...words.phases, checking }[state.phase]}
        aside={<PhaseIcon state={state} />}
      >
        <div className="flex flex-col gap-5">
          <Totals state={state} />
          <ul className="flex flex-col gap-3">
            {state.files.map((file) => (
              <FileProgress key={file.path} file={file} isStill={state.isPaused} />
            ))}
          </ul>
          <Notice state={state} />
          <JobButtons job={job} state={state} onAgain={onAgain} />
        </div>
      </Card>
    </>
  )
}

function PhaseIcon({ state: { phase, isPaused, trouble } }: { state: JobState }) {
  if (phase === 'refused') return <CircleX size={18} className="text-bad" aria-hidden />
  if (phase === 'done') return <CircleCheck size={18} className="text-good" aria-hidden />
  if (isPaused || trouble) return <Hourglass size={18} className="text-warn" aria-hidden />
  return <LoaderCircle size={18} className="text-busy motion-safe:animate-spin" aria-hidden />
}

/** The totals: bytes, rate and the remaining time. */
function Totals({ state: { phase, files, bytesPerSecond, isPaused } }: { state: JobState }) {
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const done = files.reduce((sum, file) => sum + (phase === 'hashing' ? file.hashedBytes : file.sentBytes), 0)
  const isMoving = phase === 'uploading' && bytesPerSecond !== undefined && !isPaused
  return (
    <p role="status" className="flex flex-wrap items-baseline gap-x-3 text-sm text-soft tabular">
      <span className="text-lg font-semibold text-text">{words.ofSize(sizeText(done), sizeText(total))}</span>
      {isMoving && (
        <>
          <span>{words.rate(sizeText(bytesPerSecond))}</span>
          <span>{words.left(timeLeftText((total - done) / bytesPerSecond))}</span>
        </>
      )}
    </p>
  )
}

function FileProgress({ file, isStill }: { file: FileState; isStill: boolean }) {
  const { path, sizeBytes, hashedBytes, sentBytes, digest } = file
  const done = digest ? sentBytes : hashedBytes
  return (
    <li className="flex flex-col gap-1.5">
      <div className="flex items-baseline justify-between gap-3 text-xs">
        <code className="min-w-0 truncate font-mono">{path}</code>
        <span className="shrink-0 text-soft tabular">
          {digest ? words.ofSize(sizeText(sentBytes), sizeText(sizeBytes)) : words.phases.hashing}
        </span>
      </div>
      <ProgressBar label={words.fileProgress(path)} done={done} total={sizeBytes} isStill={isStill || !digest} />
    </li>
  )
}

/** The current problem or the rejection, with the next step. */
function Notice({ state: { phase, isPaused, trouble, problem } }: { state: JobState }) {
  if (phase === 'refused' && problem) {
    return (
      <div role="alert" className="rounded-lg border border-bad/40 bg-bad/5 p-3 text-sm">
        <p className="font-medium wrap-anywhere">{problem.message}</p>
        {pushAdvice[problem.code] && <p className="mt-1 text-soft">{pushAdvice[problem.code]}</p>}
        <p className="mt-1.5 font-mono text-xs text-soft">{problem.code}</p>
      </div>
    )
  }
  if (isPaused) return <p className="text-sm text-soft">{words.pausedHint}</p>
  if (!trouble) return null
  return (
    <div role="status" className="rounded-lg border border-warn/50 bg-warn/5 p-3 text-sm">
      <p className="font-medium">{words.trouble}</p>
      <p className="mt-1 text-soft wrap-anywhere">{trouble.message}</p>
    </div>
  )
}

function JobButtons({
  job,
  state: { phase, isPaused },
  onAgain,
}: Omit<JobViewProps, 'checking'> & { state: JobState }) {
  const [isAsking, setAsking] = useState(false)
  const isRefused = phase === 'refused'
  return (
    <div className="flex flex-wrap justify-end gap-2">
      <Button onClick={() => setAsking(true)}>{words.cancel}</Button>
      {isRefused && <Button onClick={job.resume}>{words.again}</Button>}
      {isRefused && (
        <Button look="primary" onClick={onAgain}>
          {words.other}
        </Button>
      )}
      {isPaused && !isRefused && (
        <Button look="primary" onClick={job.resume}>
          {words.resume}
        </Button>
      )}
      {!isPaused && !isRefused && (
        <Button look="primary" onClick={job.pause}>
          {words.pause}
        </Button>
      )}
      {isAsking && (
        <Confirmation
          title={words.cancelTitle}
          lead={words.cancelLead}
          verb={words.cancel}
          isDanger
          done={words.cancelled}
          run={async () => {
            await job.cancel()
            onAgain()
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  )
}
