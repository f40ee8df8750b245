/** Replay part: a recording is chosen, or that of the version taken, and replayed in this browser; what comes out stands below. */

import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { Flow } from '@skerry/contract/flows/flow'
import { FlowGolden } from '@skerry/contract/flows/flow-recording'
import { RECORDING_PATH } from '@skerry/contract/kinds/flow'
import type { VersionDetail } from '@skerry/contract/models/model'
import { CircleX, FileUp, Play } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '../../../components/button.tsx'
import { sizeText } from '../../../components/charts/amounts.ts'
import { ProgressBar } from '../../models/upload/job/progress-bar.tsx'
import { fileOfVersion } from '../flow-queries.ts'
import { replayTexts as words } from './english-replay.ts'
import { modelsOf } from './models-of.ts'
import { ReplayResult } from './replay-result.tsx'
import { type Recorded, type Replay, useReplay } from './use-replay.ts'

type HereProps = { flow: Flow; files: VersionDetail['files'] }

/** The part of the card. */
export function ReplayHere({ flow, files }: HereProps) {
  const { replay, start, stop } = useReplay(flow)
  const models = modelsOf(flow)
  const own = openerOf(files)
  if (models.length > 0) return <p className="max-w-prose p-4 text-sm">{words.models(models)}</p>
  return (
    <>
      <div className="flex flex-col gap-3 p-4 text-sm">
        <p className="max-w-prose text-soft">{words.lead}</p>
        <div className="flex flex-wrap gap-2">
          <FileButton onFile={(file) => start(file.name, async () => ({ recording: file }))} />
          {own && (
            <Button onClick={() => start(RECORDING_PATH, own)}>
              <Play size={15} aria-hidden />
              {words.own}
            </Button>
          )}
        </div>
        <Going replay={replay} onStop={stop} />
      </div>
      {replay.state === 'done' && <ReplayResult flow={flow} name={replay.name} outcome={replay.outcome} />}
    </>
  )
}

/** What fetches the recording that travels with the version, and its golden file; undefined where there is none. */
function openerOf(files: HereProps['files']): ((signal: AbortSignal) => Promise<Recorded>) | undefined {
  const digestOf = (wanted: string) => files.find(({ path }) => path === wanted)?.digest
  const recording = digestOf(RECORDING_PATH)
  const golden = digestOf(GOLDEN_PATH)
  if (!recording || !golden) return undefined
  return async (signal) => {
    const text = await (await fileOfVersion(golden, signal)).text()
    return { recording: await fileOfVersion(recording, signal), golden: FlowGolden.parse(JSON.parse(text)) }
  }
}

function FileButton({ onFile }: { onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button onClick={() => input.current?.click()}>
        <FileUp size={15} aria-hidden />
        {words.choose}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={words.choose}
        accept=".jsonl,.ndjson,.json,application/x-ndjson"
        onChange={(event) => {
          const [file] = event.target.files ?? []
          if (file) onFile(file)
          // The same choice again must be news: it may have been mended.
          event.target.value = ''
        }}
      />
    </>
  )
}

function Going({ replay, onStop }: { replay: Replay; onStop: () => void }) {
  if (replay.state === 'running') {
    const { doneBytes, totalBytes } = replay
    return (
      <div className="flex max-w-prose items-center gap-3">
        <ProgressBar label={words.progress} done={doneBytes} total={Math.max(1, totalBytes)} />
        <span className="text-xs whitespace-nowrap text-soft tabular">
          {words.running(sizeText(doneBytes), sizeText(totalBytes))}
        </span>
        <Button isSmall onClick={onStop}>
          {words.cancel}
        </Button>
      </div>
    )
  }
  if (replay.state !== 'failed') return null
  return (
    <div role="alert" className="flex items-start gap-2.5">
      <CircleX size={16} className="mt-0.5 shrink-0 text-bad" aria-hidden />
      <p className="min-w-0 wrap-anywhere">
        <span className="font-medium">{words.failed}.</span> {replay.name}: {replay.message}{' '}
        <span className="text-soft">{words.again}</span>
      </p>
    </div>
  )
}
