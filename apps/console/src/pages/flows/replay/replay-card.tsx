/** Replay card: what a version answers to a recording: here, on the devices, and with which commands anywhere else. */

import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import { FLOW_PATH, RECORDING_PATH } from '@skerry/contract/kinds/flow'
import type { VersionDetail } from '@skerry/contract/models/model'
import { Download } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { CopyButton } from '../../../components/facts/copyable.tsx'
import { Scrollable } from '../../../components/scrollable.tsx'
import { detailOf } from '../../../kinds/of-kind.ts'
import { flowPageTexts } from '../english-flow-pages.ts'
import { ReplayHere } from './replay-part.tsx'

const words = flowPageTexts.replay
const PATHS: ReadonlySet<string> = new Set([FLOW_PATH, RECORDING_PATH, GOLDEN_PATH])

export function ReplayCard({ version }: { version: VersionDetail }) {
  const { goldenCases, files, model } = version
  const flow = detailOf('flow', version)?.flow
  const hasGolden = goldenCases > 0
  return (
    <Card title={words.title} isFlush>
      {flow && <ReplayHere flow={flow} files={files} />}
      <div className="flex flex-col gap-3 border-t border-line p-4 text-sm">
        <p className="max-w-prose text-soft">{hasGolden ? words.golden(goldenCases) : words.none}</p>
        {hasGolden && (
          <>
            <p>{words.here}</p>
            <ul className="flex flex-wrap gap-x-4 gap-y-1">
              {files
                .filter(({ path }) => PATHS.has(path))
                .map(({ path, digest }) => (
                  <li key={path}>
                    <a
                      href={`/v1/blobs/${encodeURIComponent(digest)}`}
                      download={path}
                      aria-label={words.file(path)}
                      className="inline-flex items-center gap-1.5 rounded font-mono text-xs hover:text-accent hover:underline"
                    >
                      <Download size={13} className="text-soft" aria-hidden />
                      {path}
                    </a>
                  </li>
                ))}
            </ul>
            <Command text={`skerry flow replay ${FLOW_PATH} ${RECORDING_PATH} --expect ${GOLDEN_PATH}`} />
          </>
        )}
        {!hasGolden && (
          <>
            <p>{words.record}</p>
            <Command text={`skerry flow run ${model}.yaml --source SOURCE.yaml --record ${RECORDING_PATH}`} />
            <Command text={`skerry flow replay ${model}.yaml ${RECORDING_PATH} --write-golden ${GOLDEN_PATH}`} />
          </>
        )}
      </div>
    </Card>
  )
}

const Command = ({ text }: { text: string }) => (
  <span className="flex max-w-full min-w-0 items-center gap-1">
    <Scrollable
      as="pre"
      aria-label={words.what}
      className="overflow-x-auto rounded-md bg-raised px-2.5 py-1.5 font-mono text-xs"
    >
      {text}
    </Scrollable>
    <CopyButton value={text} what={words.what} />
  </span>
)
