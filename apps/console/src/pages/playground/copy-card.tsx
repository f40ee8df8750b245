/** Copy card: the same question for a shell. */

import type { NamedTensor } from '@skerry/contract/models/infer'
import { Download } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { Scrollable } from '../../components/scrollable.tsx'
import { playgroundWords } from './english-playground.ts'
import { curlCommand, INPUTS_FILE, inferCommand, inputsFile, type Run } from './run-commands.ts'
import { saveText } from './save-text.ts'

const words = playgroundWords.copy

type CopyCardProps = {
  model: string
  version: number
  device: string | undefined
  inputs: readonly NamedTensor[] | undefined
}

/** The card. */
export function CopyCard({ model, version, device, inputs }: CopyCardProps) {
  const run = useMemo(
    () =>
      device === undefined || inputs === undefined
        ? undefined
        : { hub: window.location.origin, device, model, version, inputs },
    [device, inputs, model, version],
  )
  return (
    <Card title={words.title} isFlush={run !== undefined}>
      {run ? <Commands run={run} /> : <p className="text-sm text-soft">{words.pending}</p>}
    </Card>
  )
}

function Commands({ run }: { run: Run }) {
  const [cli, curl] = useMemo(() => [inferCommand(run), curlCommand(run)], [run])
  return (
    <div className="divide-y divide-line">
      {cli ? (
        <Command name={words.cli} text={cli.command} />
      ) : (
        <p className="p-4 text-sm text-soft">{words.uncarried}</p>
      )}
      <Command name={words.curl} text={curl.command} />
      {(cli?.isInFile || curl.isInFile) && (
        <div className="flex flex-wrap items-center justify-between gap-3 p-4 text-sm text-soft">
          {words.file}
          <Button isSmall onClick={() => saveText(INPUTS_FILE, inputsFile(run))}>
            <Download size={13} aria-hidden />
            {words.download}
          </Button>
        </div>
      )}
    </div>
  )
}

const Command = ({ name, text }: { name: string; text: string }) => (
  <div className="p-4">
    <p className="mb-1.5 flex items-center justify-between text-xs font-medium text-soft">
      {name}
      <CopyButton value={text} what={name} />
    </p>
    <Scrollable
      as="pre"
      className="max-h-40 overflow-auto rounded-md bg-raised p-2.5 font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap"
    >
      {text}
    </Scrollable>
  </div>
)
